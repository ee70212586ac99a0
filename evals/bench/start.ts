import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureBuild } from "#edge/local/build";
import { startServer } from "#edge/local/server";
import { connect } from "../harness/client.ts";
import { type BenchTable, middleOf } from "./bench.ts";

const rounds = 3;
const targetMilliseconds = 5000;

/** From a built project and an empty data folder to the first answer of an MCP tool. */
export async function benchStart(): Promise<BenchTable> {
  await ensureBuild();
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) taken.push(await startOnce());
  const milliseconds = middleOf(taken);
  return {
    title: "Start to the first tool's answer",
    rows: [],
    targets: [
      {
        target: `within ${targetMilliseconds / 1000} s after the build`,
        reached: `${(milliseconds / 1000).toFixed(2)} s`,
        met: milliseconds <= targetMilliseconds,
      },
    ],
  };
}

async function startOnce(): Promise<number> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const began = performance.now();
  const server = await startServer({ port: 0, dataFolder });
  try {
    const agent = await connect(`${server.url}/mcp`, server.accountKey, "2.x");
    await agent.must("list", { kind: "workspace" });
    const taken = performance.now() - began;
    await agent.close();
    return taken;
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}
