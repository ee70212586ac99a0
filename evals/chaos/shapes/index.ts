import { type BlueprintInput, blueprintSchema } from "#blueprints/blueprint";
import { lines } from "./lines.ts";
import { people } from "./people.ts";
import { scopes } from "./scopes.ts";
import { type Shape, witnessHost } from "./shape.ts";

export const shapes: readonly Shape[] = [...lines, ...scopes, ...people];

/** Notes a turn of an agent; not to be done twice. */
const record: NonNullable<BlueprintInput["functions"]>[number] = {
  name: "record",
  description: "Notes a turn.",
  input: {
    type: "object",
    properties: { turn: { type: "number" }, nonce: { type: "string" } },
    required: ["turn", "nonce"],
  },
  output: {},
  effect: "external",
  egress: [witnessHost],
  code: `export default async (input: { turn: number; nonce: string }) => {
    await fetch("http://${witnessHost}/record", { method: "POST", body: JSON.stringify(input) });
    return "noted";
  };`,
};

const named = ({ name }: Shape) => ({ name, workflow: name });

/** What one workspace gets: these shapes, and how their runs are started; `host` is the witness. */
export function blueprintOf(host: string, wanted: readonly Shape[]): BlueprintInput {
  const startedBy = (start: Shape["start"]) => wanted.filter((shape) => shape.start === start);
  const blueprint: BlueprintInput = {
    name: "chaos",
    egress: [witnessHost],
    functions: [record],
    workflows: wanted.map(({ workflow }) => workflow),
    endpoints: startedBy("endpoint").map(named),
    webhooks: startedBy("webhook").map(named),
    schedules: startedBy("schedule").map((shape) => ({ ...named(shape), cron: "* * * * *" })),
  };
  const text = JSON.stringify(blueprint).replaceAll(witnessHost, host);
  return blueprintSchema.parse(JSON.parse(text));
}
