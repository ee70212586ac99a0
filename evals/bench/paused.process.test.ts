import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { startServer } from "#edge/local/server";
import { closeConnections } from "./http-client.ts";
import { deployAsking, pauseMany, resumeAll } from "./paused/runs.ts";

const runs = 30;

it("every run that waits for a person ends when answered, after a kill -9 of all and a restart", async () => {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-paused-"));
  let server = await startServer({ dataFolder });
  try {
    const { ids } = await pauseMany(server, await deployAsking(server), runs);
    expect(new Set(ids).size).toBe(runs);
    process.kill(server.platformPid, "SIGKILL");
    closeConnections();
    await server.stop();
    server = await startServer({ dataFolder });
    const { ended } = await resumeAll(server, ids);
    expect(ended).toBe(runs);
  } finally {
    closeConnections();
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
});
