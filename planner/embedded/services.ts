import type { Integration } from "../vocabulary/integration.ts";
import { serviceCalls } from "../vocabulary/requests.ts";
import { type BodyAsk, serviceAuth, serviceBodies } from "../vocabulary/service-bodies.ts";
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

/** One call of a service. */
interface ServiceUse {
  readonly direction: "read" | "write";
  readonly id: string;
  readonly title: string;
  /** Sent where it is not known how the service wants it. */
  readonly body?: unknown;
  /** Headline of what is written; literal or template. */
  readonly subject?: string;
  /** Text of what is written; absent: the data. */
  readonly text?: string;
  /** What is made there, where a service knows several: `deal`, `note`. */
  readonly thing?: string;
}

/** Only what would end a value is encoded: the expression language has no URL encoding. */
function formSafe(expression: string): string {
  return `replace(replace(replace(${expression}, "%", "%25"), "&", "%26"), "+", "%2B")`;
}

function askOf(build: Build, graph: Graph, use: ServiceUse): BodyAsk {
  const text = `string(${graph.text ?? graph.data})`;
  const read = (name: string) =>
    name === "" ? text : `string(default(${graph.data}.${name}, ""))`;
  return {
    text: use.text ?? `{{ ${text} }}`,
    title: use.subject ?? use.title,
    field: (name) => `{{ ${read(name)} }}`,
    encoded: (name) => `{{ ${formSafe(read(name))} }}`,
    decide: (id, question, standIn) => decide(build, id, question, standIn),
  };
}

/** An HTTP step that reads from a service or writes to it. */
export function addServiceCall(
  build: Build,
  graph: Graph,
  integration: Integration,
  use: ServiceUse,
): string {
  const shape =
    use.direction === "write"
      ? (serviceBodies[`${integration.id}:${use.thing}`] ?? serviceBodies[integration.id])
      : undefined;
  const calls = serviceCalls[integration.id];
  if (use.direction === "read") build.read.add(integration.id);
  const wanted =
    (use.direction === "read" ? calls?.read : (shape?.write ?? calls?.write)) ??
    (use.direction === "read" ? "GET /" : "POST /");
  const [method = "POST", ...rest] = wanted.split(" ");
  const base = baseUrlOf(build, integration);
  const url = fillPlaceholders(build, integration, `${base}${rest.join(" ")}`);
  if (!calls && !shape?.write) {
    build.warnings.push(
      `The path of the ${integration.name} API in step "${use.id}" is its root: set it to the call you need.`,
    );
  }
  const host = new URL(base).host;
  build.egress.add(host);
  const headers: Record<string, string> = { ...calls?.headers, ...shape?.headers };
  let secret: string | undefined;
  if (!keyless.has(integration.id)) {
    const auth = serviceAuth[integration.id];
    const purpose = auth?.purpose ?? `Access token of ${integration.name}.`;
    secret = needSecret(build, secretName(integration.id, "TOKEN"), purpose, { host });
    const value = `{{ secrets.${secret} }}`;
    headers[auth?.header ?? "authorization"] = auth
      ? auth.value.replace("$", () => value)
      : `Bearer ${value}`;
  }
  connect(build, integration, false, secret);
  return graph.add(
    "action",
    use.id,
    {
      method,
      url,
      headers,
      ...(method === "GET"
        ? {}
        : {
            body: shape
              ? shape.body(askOf(build, graph, use))
              : (use.body ?? { data: `{{ ${graph.data} }}` }),
          }),
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
