import type { Build } from "./graph.ts";
import { listed } from "./text.ts";

/** A workflow that needs a step this server lacks is left out with all that leads to it; a warning says so. */
export function leaveOutUnsupported(build: Build): void {
  const gone = new Set<string>();
  for (const { name, nodes } of build.workflows) {
    const types = new Set(
      nodes.map(({ type }) => type).filter((type) => !Object.hasOwn(build.catalogue, type)),
    );
    if (types.size === 0) continue;
    gone.add(name);
    build.warnings.push(
      `The workflow "${name}" is left out: this server has no node type ${listed([...types])}.`,
    );
  }
  if (gone.size === 0) return;
  const keep = <Item>(list: Item[], nameOf: (item: Item) => string | undefined) => {
    const kept = list.filter((item) => !gone.has(nameOf(item) ?? ""));
    list.splice(0, list.length, ...kept);
  };
  keep(build.workflows, ({ name }) => name);
  keep(build.endpoints, ({ workflow }) => workflow);
  keep(build.webhooks, ({ workflow }) => workflow);
  keep(build.schedules, ({ workflow }) => workflow);
  keep(build.bots, ({ workflow }) => workflow);
  keep(build.tests, ({ target }) => (target.kind === "workflow" ? target.name : undefined));
}
