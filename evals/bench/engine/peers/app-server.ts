import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** The child's side of `app.ts`: what an engine that lives in an application's process is given. */
const { SDK_FOLDER = "", PORT = "", WITNESS = "" } = process.env;
const { resolve } = createRequire(`${SDK_FOLDER}/package.json`);

/** A package of the peer's own folder. */
export async function load<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(resolve(name)).href)) as T;
}

/** What a run is given; steps hand it on. */
export interface Data {
  readonly n: number;
  readonly run: string;
}

/** The effect of a step: the same for every engine. */
export async function act(run: string, at: number): Promise<unknown> {
  const response = await fetch(`http://${WITNESS}/${run}/s${at}`, { method: "PUT" });
  return response.json();
}

/**
 * `POST /<kind>/<run>` with `{ n }`: `execute` resolves when the run has ended, with its `n`. Who
 * prefers not to wait gets `{}` at once.
 */
export function serveRuns(execute: (kind: string, data: Data) => Promise<number>): void {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, kind = "", run = ""] = (request.url ?? "").split("/");
    let text = "";
    for await (const chunk of request) text += String(chunk);
    if (request.method !== "POST") {
      response.end("ready");
      return;
    }
    const { n } = JSON.parse(text) as { n: number };
    const result = execute(kind, { n, run });
    if (request.headers["prefer"] === "respond-async") {
      result.catch(() => undefined);
      response.end("{}");
    } else {
      response.end(JSON.stringify({ output: { n: await result } }));
    }
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(Number(PORT), "127.0.0.1");
}
