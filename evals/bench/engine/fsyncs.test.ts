import { expect, it } from "vitest";
import { callsIn, creating } from "./fsyncs.ts";

/** As strace printed it for one run of the engine, cut. */
const trace = `
4711 1795726616.508731 fsync(209</data/Run/3a86.sqlite-journal>) = 0
4711 1795726616.509131 fsync(210</data/Run>) = 0
4711 1795726616.509331 fsync(209</data/Run/3a86.sqlite-journal>) = 0
4711 1795726616.509531 fsync(208</data/Run/3a86.sqlite>) = 0
4712 1795726616.516331 fsync(26</data/Run/metadata.sqlite-wal> <unfinished ...>
4711 1795726616.520631 fsync(209</data/Run/3a86.sqlite-wal>) = 0
4711 1795726616.520931 fsync(211</data/Run>) = 0
4712 1795726616.521031 <... fsync resumed>) = 0
4711 1795726616.521331 fdatasync(209</data/Run/3a86.sqlite-wal>) = 0
4711 1795726624.100000 fsync(208</data/Run/3a86.sqlite>) = 0
4711 1795726624.200000 +++ exited with 0 +++
`;

it("every call to make data durable is counted once, with its file", () => {
  const calls = callsIn(trace);
  expect(calls).toHaveLength(9);
  expect(calls[4]).toEqual({ at: 1795726616.516331, path: "/data/Run/metadata.sqlite-wal" });
});

it("what makes a new SQLite file is told from its commits and its closing", () => {
  const rest = new Set(creating(callsIn(trace)).map(({ at }) => at));
  const others = callsIn(trace).filter(({ at }) => !rest.has(at));
  expect(rest.size).toBe(6);
  expect(others.map(({ path }) => path)).toEqual([
    "/data/Run/metadata.sqlite-wal",
    "/data/Run/3a86.sqlite-wal",
    "/data/Run/3a86.sqlite",
  ]);
});
