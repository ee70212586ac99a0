import { stepsOf } from "../contender.ts";
import { act, type Data, load, serveRuns } from "./app-server.ts";

/** What of DBOS is used here; it is installed into a folder of its own. */
interface Dbos {
  registerWorkflow(work: Workflow, options: { name: string }): Workflow;
  runStep<T>(work: () => Promise<T>, options: { name: string }): Promise<T>;
  startWorkflow(
    workflow: Workflow,
    options: { workflowID: string },
  ): (data: Data) => Promise<{ getResult(): Promise<number> }>;
  setConfig(config: object): void;
  launch(): Promise<void>;
}

type Workflow = (data: Data) => Promise<number>;

const { DBOS } = await load<{ DBOS: Dbos }>("@dbos-inc/dbos-sdk");

const ten: Workflow = async ({ n }) => {
  for (let at = 1; at <= stepsOf.ten; at++) await DBOS.runStep(async () => n, { name: `s${at}` });
  return n;
};

const fan: Workflow = async ({ n }) => {
  const step = (_: unknown, at: number) => DBOS.runStep(async () => n, { name: `b${at}` });
  await Promise.all(Array.from({ length: stepsOf.fan }, step));
  return n;
};

const effects: Workflow = async ({ n, run }) => {
  for (let at = 1; at <= stepsOf.effects; at++) {
    await DBOS.runStep(() => act(run, at), { name: `s${at}` });
  }
  return n;
};

const workflows = new Map(
  Object.entries({ ten, fan, effects }).map(([name, work]) => [
    name,
    DBOS.registerWorkflow(work, { name }),
  ]),
);
DBOS.setConfig({
  name: "bench",
  systemDatabaseUrl: process.env["DATABASE"],
  systemDatabasePoolSize: 20,
  runAdminServer: false,
  logLevel: "error",
});
// Goes on with what was under way, too.
await DBOS.launch();

serveRuns(async (kind, data) => {
  const start = DBOS.startWorkflow(workflows.get(kind)!, { workflowID: data.run });
  const handle = await start(data);
  return handle.getResult();
});
