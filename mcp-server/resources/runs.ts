import { readOwnRun, toWireRun } from "../run-access.ts";
import type { ResourceTemplateDefinition } from "../resource.ts";

const pattern = /^aerostack:\/\/runs\/(run_[0-9a-z]+)$/;

export const runs: ResourceTemplateDefinition = {
  uriTemplate: "aerostack://runs/{id}",
  name: "run",
  title: "Trace of a run",
  description: "Every step with input, output, timing and outside calls.",
  mimeType: "application/json",
  async read(context, uri) {
    const id = pattern.exec(uri)?.[1];
    if (!id) return undefined;
    const run = toWireRun(context, await readOwnRun(context, id));
    return { mimeType: "application/json", text: JSON.stringify(run) };
  },
};
