import { BugError } from "#blueprints/error";
import { send } from "../http-client.ts";

let last = 0;

/** What a run is given and must answer, a new one every time. */
export function nextNumber(): number {
  return ++last;
}

export function post(url: string, headers: Record<string, string>, body: unknown): Promise<string> {
  return send(url, { "Content-Type": "application/json", ...headers }, JSON.stringify(body));
}

/** Headers of who starts a run and does not wait for its end. */
export const withoutWaiting = { Prefer: "respond-async" };

export function checkAnswer(text: string, n: number): void {
  if (text.includes(`"output":{"n":${n}}`)) return;
  throw new BugError("bench.wrong-answer", `The run answered: ${text.slice(0, 300)}`);
}
