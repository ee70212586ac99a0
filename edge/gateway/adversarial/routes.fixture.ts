import { exports } from "cloudflare:workers";
import { app } from "#mcp-server/app";

export const base = "https://aerostack.test";

/** What stands in a path where a test says nothing else: nothing of that name exists. */
const nowhere: Readonly<Record<string, string>> = {
  slug: "no-such-place",
  workspace: "no-such-place",
  name: "no-such-name",
  platform: "telegram",
  id: "run_00000000000000000000000000",
  ticket: "A".repeat(43),
  user: "@nobody",
  version: "1.0.0",
  file: "mcp.json",
};

export interface Route {
  /** `GET /runs/:id`, as the app's table has it. */
  readonly label: string;
  readonly method: "GET" | "POST";
  readonly pattern: string;
  /** Names of the parameters in its path. */
  readonly parameters: readonly string[];
  path(values?: Readonly<Record<string, string>>): string;
}

const parameter = /:(\w+)(?:\{[^}]*\})?\??/g;

/** The app's own table, without middleware; what answers every method is asked by GET and by POST. */
export const routes: readonly Route[] = [
  ...new Map(
    app.routes
      .filter(({ path }) => !path.endsWith("*"))
      .flatMap(({ method, path }) =>
        (method === "ALL" ? ["GET", "POST"] : [method]).map((one) => toRoute(one, path)),
      )
      .map((route) => [route.label, route]),
  ).values(),
];

function toRoute(method: string, pattern: string): Route {
  if (method !== "GET" && method !== "POST") throw new Error(`How is a ${method} tested?`);
  return {
    label: `${method} ${pattern}`,
    method,
    pattern,
    parameters: [...pattern.matchAll(parameter)].map(([, name = ""]) => name),
    path: (values = {}) =>
      pattern.replaceAll(parameter, (_whole, name: string) => {
        const value = values[name] ?? nowhere[name];
        if (value === undefined) throw new Error(`What stands for :${name} in ${pattern}?`);
        return value;
      }),
  };
}

const accept = "application/json, text/event-stream";

/** Each comes from an address of its own: what one uses up of a limit is missing to no other test. */
let knocks = 0;

/** At the public edge; a POST carries an MCP request where the test gives no body. */
export function knock(
  { method }: Pick<Route, "method">,
  path: string,
  headers: Record<string, string> = {},
  body = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}',
): Promise<Response> {
  return exports.default.fetch(`${base}${path}`, {
    method,
    redirect: "manual",
    headers: {
      accept,
      "content-type": "application/json",
      "cf-connecting-ip": `2001:db8::${(++knocks).toString(16)}`,
      ...headers,
    },
    ...(method === "POST" ? { body } : {}),
  });
}
