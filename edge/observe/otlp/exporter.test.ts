import { expect, it } from "vitest";
import type { Span } from "./encode.ts";
import { Exporter, exportLimits, type OtlpRequest } from "./exporter.ts";

/** An exporter whose clock stands still; `step` runs the next thing that waits for its time. */
function exporterTo(...answers: (number | "unreachable" | [number, Record<string, string>])[]) {
  const posted: OtlpRequest[] = [];
  const waiting: { work: () => void; delayMs: number }[] = [];
  const waits: number[] = [];
  const exporter = new Exporter({
    isWanted: () => true,
    resource: () => ({ "service.name": "test" }),
    now: () => 1_000,
    later: (work, delayMs) => void waiting.push({ work, delayMs }),
    collectors: () => [
      {
        async send(request) {
          const answer = answers.length > 1 ? answers.shift() : answers[0];
          if (answer === undefined || answer === "unreachable") throw new TypeError("refused");
          const [status, headers] = Array.isArray(answer) ? answer : [answer, {}];
          if (status < 300) posted.push(request);
          return { status, headers: new Headers(headers) };
        },
      },
    ],
  });
  const runAll = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      waits.push(next.delayMs);
      next.work();
      // Whatever it set off: a request, its answer, the next wait.
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
  };
  return { exporter, posted, waits, runAll };
}

function spans(count: number): Span[] {
  return Array.from({ length: count }, (_, index) => ({
    traceId: "1".repeat(32),
    spanId: index.toString(16).padStart(16, "0"),
    name: "tools/call x",
    kind: "server" as const,
    startedAt: 1_700_000_000_000.5,
    endedAt: 1_700_000_000_001.75,
    attributes: { count: index, share: 0.5, is: true, none: undefined },
  }));
}

it("what is added within a second leaves in one request", async () => {
  const { exporter, posted, waits, runAll } = exporterTo(200);
  exporter.add(spans(2));
  exporter.add(spans(3));
  await runAll();
  expect(posted).toHaveLength(1);
  expect(waits).toEqual([exportLimits.delay]);
  expect(exporter.state).toEqual({ sent: 5, dropped: 0 });
});

it("ids, times and values are written as OTLP has them in JSON", async () => {
  const { exporter, posted, runAll } = exporterTo(200);
  exporter.add(spans(1));
  await runAll();
  const body = JSON.parse(posted[0]?.body ?? "{}") as {
    resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
  };
  expect(body.resourceSpans[0]?.scopeSpans[0]?.spans[0]).toEqual({
    traceId: "1".repeat(32),
    spanId: "0".repeat(16),
    name: "tools/call x",
    kind: 2,
    startTimeUnixNano: "1700000000000500000",
    endTimeUnixNano: "1700000000001750000",
    attributes: [
      { key: "count", value: { intValue: "0" } },
      { key: "share", value: { doubleValue: 0.5 } },
      { key: "is", value: { boolValue: true } },
    ],
    status: {},
  });
});

it("a collector that is busy or away is tried again, as it says or longer each time", async () => {
  const { exporter, posted, waits, runAll } = exporterTo(
    [429, { "retry-after": "7" }],
    "unreachable",
    503,
    200,
  );
  exporter.add(spans(1));
  await runAll();
  expect(waits).toEqual([exportLimits.delay, 7_000, 2_000, 4_000]);
  expect(posted).toHaveLength(1);
  expect(exporter.state).toEqual({ sent: 1, dropped: 0 });
});

it("a collector that stays away costs spans, which are counted, and the exporter goes on", async () => {
  const { exporter, posted, waits, runAll } = exporterTo(
    ...Array.from<"unreachable">({ length: exportLimits.attempts }).fill("unreachable"),
    200,
  );
  exporter.add(spans(3));
  await runAll();
  expect(waits).toHaveLength(exportLimits.attempts);
  expect(exporter.state).toEqual({ sent: 0, dropped: 3, problem: "refused" });
  exporter.add(spans(2));
  await runAll();
  expect(posted).toHaveLength(1);
  expect(exporter.state).toEqual({ sent: 2, dropped: 3 });
});

it("a refusal is not tried again", async () => {
  const { exporter, waits, runAll } = exporterTo(401);
  exporter.add(spans(3));
  await runAll();
  expect(waits).toEqual([exportLimits.delay]);
  expect(exporter.state).toEqual({ sent: 0, dropped: 3, problem: "HTTP 401" });
});

it("holds so many spans and no more, those that are tried again included", async () => {
  const { exporter, runAll } = exporterTo("unreachable", 200);
  exporter.add(spans(exportLimits.spans - 1));
  // The first request has left and failed; its spans are still held.
  const sent = runAll();
  exporter.add(spans(3));
  expect(exporter.state.dropped).toBe(2);
  await sent;
  expect(exporter.state).toEqual({ sent: exportLimits.spans, dropped: 2 });
  exporter.add(spans(3));
  await runAll();
  expect(exporter.state).toEqual({ sent: exportLimits.spans + 3, dropped: 2 });
});
