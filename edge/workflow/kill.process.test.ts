import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LocalServer, startService } from "#edge/local/server.fixture";

/**
 * Notes what reached it. Until the kill it holds the calls to `/two` and `/outside` for ever, as a
 * receiver that acted and whose answer gets lost, and asks `/busy` to come back later.
 */
const seen: { path: string; key: string; at: number }[] = [];
let isBefore = true;
const witness = await startService((request, response) => {
  const { url = "", headers } = request;
  seen.push({ path: url, key: String(headers["idempotency-key"]), at: Date.now() });
  request.resume();
  if (isBefore && ["/two", "/outside"].includes(url)) return;
  if (isBefore && url === "/busy") response.statusCode = 429;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ seen: url }));
});
const keysOf = (wanted: string) =>
  seen.filter((call) => call.path === wanted).map(({ key }) => key);

let server: LocalServer;
let killedAt = 0;
/** Ids of the runs that were under way at the kill, by endpoint. */
const ids = new Map<string, string>();

afterAll(async () => {
  await server?.stop();
  witness.stop();
});

type Step = readonly [id: string, method: string, more?: object];

const workflows: Record<string, readonly Step[]> = {
  chain: [
    ["one", "POST"],
    ["two", "PUT"],
    ["three", "POST"],
  ],
  outside: [
    ["outside", "POST"],
    ["after", "POST"],
  ],
  busy: [["busy", "POST", { retry: { attempts: 3, delay_ms: 6_000 } }]],
  accepted: [["accepted", "PUT"]],
};

function blueprint(host: string) {
  return {
    name: "killed",
    egress: [host],
    workflows: Object.entries(workflows).map(([name, steps]) => ({
      name,
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        ...steps.map(([id, method, more]) => ({
          id,
          type: "action",
          config: { method, url: `http://${host}/${id}` },
          ...more,
        })),
      ],
      edges: steps.map(([id], index) => ({ from: steps[index - 1]?.[0] ?? "start", to: id })),
    })),
    endpoints: Object.keys(workflows).map((name) => ({ name, workflow: name })),
  };
}

async function send(name: string): Promise<string> {
  const response = await fetch(`${server.url}/e/killed/${name}`, {
    method: "POST",
    headers: { ...server.headers, prefer: "respond-async", "idempotency-key": name },
    body: "{}",
  });
  const { run_id: id } = await response.json<{ run_id: string }>();
  return id;
}

const read = (name: string) => server.run(ids.get(name) ?? "");

beforeAll(async () => {
  server = await LocalServer.start();
  await server.deploy(blueprint(witness.host), "killed");
  for (const name of ["chain", "outside", "busy"]) ids.set(name, await send(name));
  const held = ["/two", "/outside", "/busy"];
  const reached = () => expect(held.every((wanted) => keysOf(wanted).length > 0)).toBe(true);
  await vi.waitFor(reached, { timeout: 20_000 });
  const waits = { steps: [{}, { id: "busy", status: "waiting" }] };
  await vi.waitFor(async () => expect(await read("busy")).toMatchObject(waits), {
    timeout: 5_000,
  });
  ids.set("accepted", await send("accepted"));
  isBefore = false;
  killedAt = Date.now();
  await server.kill();
});

it("a run goes on by itself after kill -9 and repeats no finished step", async () => {
  // Nobody asks for the run: the alarm alone wakes it.
  await expect.poll(() => keysOf("/three").length, { timeout: 60_000 }).toBe(1);
  await expect
    .poll(() => read("chain"), { timeout: 10_000 })
    .toMatchObject({ status: "succeeded" });
  const id = ids.get("chain");
  expect(keysOf("/one")).toEqual([`${id}:one`]);
  expect(keysOf("/three")).toEqual([`${id}:three`]);
  // The effect whose answer was lost is the only one that came again, under the same key.
  expect(keysOf("/two")).toEqual([`${id}:two`, `${id}:two`]);
});

it("an effect that must not be repeated is not: the run ends with a clear error", async () => {
  await expect
    .poll(() => read("outside"), { timeout: 60_000 })
    .toMatchObject({
      status: "failed",
      error: { code: "step.uncertain", step: "outside", fix: expect.any(String) },
    });
  expect(keysOf("/outside")).toHaveLength(1);
  expect(keysOf("/after")).toHaveLength(0);
});

it("a retry that was due later comes, once", async () => {
  await expect.poll(() => read("busy"), { timeout: 60_000 }).toMatchObject({ status: "succeeded" });
  const id = ids.get("busy");
  expect(keysOf("/busy")).toEqual([`${id}:busy`, `${id}:busy`]);
  expect(seen.findLast((call) => call.path === "/busy")?.at).toBeGreaterThan(killedAt);
});

it("a run that was accepted is not lost, and who asks again joins it", async () => {
  const id = ids.get("accepted");
  expect(await send("accepted")).toBe(id);
  await expect
    .poll(() => read("accepted"), { timeout: 60_000 })
    .toMatchObject({ status: "succeeded" });
  expect(await send("accepted")).toBe(id);
  expect(new Set(keysOf("/accepted"))).toEqual(new Set([`${id}:accepted`]));
});
