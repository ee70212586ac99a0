import { WorkerEntrypoint } from "cloudflare:workers";
import { type CallRecord, log, recordCall, refusalOf } from "aerostack-outbound";
import author from "main.ts";

/** Main module of every isolate: calls the author's default export and turns what happens into a value. */
interface FunctionInput {
  readonly input: unknown;
  /** Handles by name. */
  readonly secrets: Record<string, string>;
  readonly outputBytes: number;
}

type Answer =
  | { ok: true; json: string }
  | { ok: false; error: { code: string; message: string; fix?: string } };

export class Call extends WorkerEntrypoint {
  async run(call: FunctionInput): Promise<Answer & Pick<CallRecord, "logs" | "outsideCalls">> {
    const record: CallRecord = { logs: [], logCharacters: 0, outsideCalls: [] };
    const answer = await recordCall(record, () => callAuthor(call));
    return { ...answer, logs: record.logs, outsideCalls: record.outsideCalls };
  }
}

async function callAuthor(call: FunctionInput): Promise<Answer> {
  if (typeof author !== "function") {
    return failure(
      "code.no-function",
      "The code has no function as its default export.",
      "Write `export default async function (input, context) { ... }`.",
    );
  }
  try {
    const output: unknown = await author(call.input, { secrets: call.secrets, log });
    const json = stringify(output, call.outputBytes);
    if (json !== undefined) return { ok: true, json };
    return failure(
      "code.output-too-large",
      `The output has more than ${call.outputBytes} bytes as JSON, which is the most that is allowed.`,
      "Return less: a summary, a page of the list, or a reference to where the data is kept.",
    );
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) return { ok: false, error: refusal };
    return failure("code.failed", describe(error), "Correct the code at the named line.");
  }
}

const tooLarge = Symbol("too large");

/**
 * The output as JSON; undefined where it has more than `bytes`. What is too large is given up while it
 * is written: finishing it would take the time and memory that the limit is there to save.
 */
function stringify(output: unknown, bytes: number): string | undefined {
  let written = 0;
  const count = (key: string, value: unknown) => {
    written += key.length + (typeof value === "string" ? value.length : 1);
    if (written > bytes) throw tooLarge;
    return value;
  };
  try {
    const json = JSON.stringify(output, count) ?? "null";
    // A character is one to three bytes: they are counted only where that decides.
    if (json.length * 3 <= bytes) return json;
    return new TextEncoder().encode(json).length <= bytes ? json : undefined;
  } catch (error) {
    if (error === tooLarge) return undefined;
    throw error;
  }
}

/** Name, message and the lines of the author's own module. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `The code threw ${String(error).slice(0, 500)}.`;
  const lines = (error.stack ?? "")
    .split("\n")
    .flatMap((line) => /main\.ts:\d+:\d+/.exec(line) ?? []);
  const where = lines.length > 0 ? ` (${lines.slice(0, 5).join(", ")})` : "";
  return `${error.name}: ${error.message.slice(0, 2000)}${where}`;
}

function failure(code: string, message: string, fix: string): Answer {
  return { ok: false, error: { code, message, fix } };
}

/** A hosted server: the author's default export is what `defineServer` returned. */
export default {
  async fetch(request: Request, env: { SECRETS: Record<string, string> }): Promise<Response> {
    const server = author as { fetch?: (request: Request, context: object) => Promise<Response> };
    if (typeof server?.fetch === "function") {
      return recordCall({ logs: [], logCharacters: 0, outsideCalls: [] }, () =>
        server.fetch!(request, { secrets: env.SECRETS, log }),
      );
    }
    const error = {
      code: "code.no-server",
      message: "The code has no server as its default export.",
      fix: 'Write `import { defineServer } from "aerostack"; export default defineServer({ ... })`.',
    };
    return Response.json({ error }, { status: 500, headers: { "aerostack-isolate": "failed" } });
  },
};
