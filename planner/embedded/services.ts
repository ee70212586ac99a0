import type { Integration } from "../vocabulary/integration.ts";
import { serviceCalls } from "../vocabulary/requests.ts";
import { type Build, type Graph, needSecret, secretName } from "./graph.ts";

/** Notes that the plan talks to a service. `assumed`: the intent did not name it. */
export function connect(
  build: Build,
  integration: Integration,
  assumed: boolean,
  secret?: string,
): void {
  const known = build.connections.get(integration.id);
  build.connections.set(integration.id, {
    integration: integration.id,
    name: integration.name,
    assumed: assumed && (known?.assumed ?? true),
    secrets: [...new Set([...(known?.secrets ?? []), ...(secret ? [secret] : [])])],
  });
}

/** Services that answer anybody. */
const keyless = new Set([
  "rss",
  "hackernews",
  "coinpaprika",
  "open-meteo",
  "arxiv",
  "wikipedia",
  "frankfurter",
]);

/** Base URL: the service's own, or one that a person has to give. */
export function baseUrlOf(build: Build, integration: Integration): string {
  if (integration.host) return `https://${integration.host}`;
  const placeholder = `https://${integration.id.replace(/[^a-z0-9-]/g, "-")}.example.com`;
  const id = `${integration.id}_url`;
  if (!build.decisions.some((decision) => decision.id === id)) {
    build.decisions.push({
      id,
      text: `Address of your ${integration.name}${integration.category === "database" ? " (its REST API)" : ""}.`,
      chosen: placeholder,
      options: [],
    });
  }
  return placeholder;
}

/** An HTTP step that reads from a service or writes to it. */
export function addServiceCall(
  build: Build,
  graph: Graph,
  integration: Integration,
  use: { direction: "read" | "write"; id: string; title: string; body?: unknown },
): string {
  const calls = serviceCalls[integration.id];
  const wanted =
    (use.direction === "read" ? calls?.read : calls?.write) ??
    (use.direction === "read" ? "GET /" : "POST /");
  const [method = "POST", ...rest] = wanted.split(" ");
  const base = baseUrlOf(build, integration);
  const url = fillPlaceholders(build, integration, `${base}${rest.join(" ")}`);
  if (!calls) {
    build.warnings.push(
      `The path of the ${integration.name} API in step "${use.id}" is its root: set it to the call you need.`,
    );
  }
  const host = new URL(base).host;
  build.egress.add(host);
  const headers: Record<string, string> = { ...calls?.headers };
  let secret: string | undefined;
  if (!keyless.has(integration.id)) {
    secret = needSecret(
      build,
      secretName(integration.id, "TOKEN"),
      `Access token of ${integration.name}.`,
      { host },
    );
    headers["authorization"] = `Bearer {{ secrets.${secret} }}`;
  }
  connect(build, integration, false, secret);
  return graph.add(
    "action",
    use.id,
    {
      method,
      url,
      headers,
      ...(method === "GET" ? {} : { body: use.body ?? { data: `{{ ${graph.data} }}` } }),
    },
    use.title,
  );
}

/** `<folder-id>` becomes `folder-id-of-google-drive`, and a decision that sets it. */
function fillPlaceholders(build: Build, integration: Integration, url: string): string {
  return url.replace(/<([a-z-]+)>/g, (_, what: string) => {
    const chosen = `${what}-of-${integration.id.replace(/[^a-z0-9-]/g, "-")}`;
    const id = `${integration.id}_${what.replaceAll("-", "_")}`;
    if (!build.decisions.some((decision) => decision.id === id)) {
      build.decisions.push({
        id,
        text: `The ${what.replaceAll("-", " ")} in ${integration.name}.`,
        chosen,
        options: [],
      });
    }
    return chosen;
  });
}

/** A value that only a person knows, with a stand-in that an answer replaces. */
export function decide(build: Build, id: string, text: string, chosen: string): string {
  if (!build.decisions.some((decision) => decision.id === id))
    build.decisions.push({ id, text, chosen, options: [] });
  return chosen;
}
