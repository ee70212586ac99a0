import { expect, it } from "vitest";
import { encodeMeasurements, type Measurement } from "./encode.ts";

const measured = (tool: string, milliseconds: number): Measurement => ({
  metric: "mcp.server.operation.duration",
  description: "Duration.",
  milliseconds,
  attributes: { "gen_ai.tool.name": tool },
});

interface Body {
  resourceMetrics: { scopeMetrics: { metrics: { histogram: { dataPoints: Point[] } }[] }[] }[];
}
interface Point {
  attributes: unknown;
  bucketCounts: string[];
}

it("durations fall into the bucket that ends at or above them; what is beyond all has the last", () => {
  const durations = [5, 10, 10.5, 400_000].map((one) => measured("echo", one));
  const body = encodeMeasurements(
    {},
    [...durations, measured("other", 90)],
    [1_000, 2_000],
  ) as Body;
  const points = body.resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.histogram.dataPoints ?? [];
  expect(points).toHaveLength(2);
  const [echo, other] = points;
  expect(echo).toMatchObject({
    startTimeUnixNano: "1000000000",
    timeUnixNano: "2000000000",
    count: "4",
    sum: expect.closeTo(400.0255, 6),
    min: 0.005,
    max: 400,
  });
  expect(echo?.bucketCounts).toEqual(["2", "1", ...Array.from({ length: 12 }).fill("0"), "1"]);
  expect(other?.bucketCounts.indexOf("1")).toBe(3);
});
