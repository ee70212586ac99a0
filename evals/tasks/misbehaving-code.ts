import { defineTask } from "../harness/task.ts";
import { waitFor } from "../harness/wait.ts";

/** Code that agents wrote does its worst; only its own call suffers. */
export const misbehavingCode = defineTask({
  name: "misbehaving-code",
  title: "Functions that loop, allocate, throw, flood or reach out fail alone and clearly",
  async run(lab) {
    const agent = await lab.agent("rough-agent");
    const created = await agent.session.must("create", {
      workspace: "rough",
      blueprint: { name: "rough", functions },
    });
    const resources = created["resources"] as { id: string; name: string }[];
    await agent.session.must("deploy", { resources: resources.map((one) => one.id) });
    const id = (name: string) => resources.find((one) => one.name === name)?.id;
    const invoke = (name: string) =>
      agent.session.call("invoke", { resource: id(name), input: {} });
    for (const [name, code] of [
      ["throws", "code.failed"],
      ["floods", "code.output-too-large"],
      ["reaches_metadata", "egress"],
      ["reaches_stranger", "egress"],
      ["loops", "code.time-limit"],
      ["allocates", "code."],
    ] as const) {
      const running = invoke(name);
      const healthy = await fetch(new URL("/healthz", lab.url)).then((one) => one.status);
      const answer = await running;
      const told =
        answer.isError && answer.text.includes(code) && answer.text.toLowerCase().includes("fix");
      lab.check(
        "secure",
        `${name}: a clear error with code and fix`,
        told,
        answer.text.slice(0, 300),
      );
      lab.check("behave", `${name}: the platform answers meanwhile`, healthy === 200, healthy);
      const recovered = await waitFor(async () => !(await invoke("fine")).isError);
      lab.check("behave", `${name}: the next call works`, recovered, (await invoke("fine")).text);
    }
  },
});

const sources = {
  fine: `export default async function () { return { ok: true }; }`,
  throws: `export default async function () { throw new Error("the author's own message"); }`,
  floods: `export default async function () { return { text: "x".repeat(50_000_000) }; }`,
  reaches_metadata: `export default async function () { return { text: await (await fetch("http://169.254.169.254/latest/meta-data/")).text() }; }`,
  reaches_stranger: `export default async function () { const answer = await fetch("https://not-allowed.example.com/"); if (!answer.ok) throw new Error(await answer.text()); return {}; }`,
  loops: `export default async function () { for (;;) {} }`,
  allocates: `export default async function () { const kept: unknown[] = []; for (;;) kept.push(new Array(100_000).fill(Math.random())); }`,
};

const functions = Object.entries(sources).map(([name, code]) => ({
  name,
  description: `A function that is called ${name}.`,
  code,
}));
