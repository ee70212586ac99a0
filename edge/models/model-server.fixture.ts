import { chat } from "./formats/chat.fixture.ts";
import {
  type Asked,
  type Format,
  frameOf,
  type Json,
  type Reply,
} from "./formats/format.fixture.ts";
import { gemini } from "./formats/gemini.fixture.ts";
import { messages } from "./formats/messages.fixture.ts";
import { responses } from "./formats/responses.fixture.ts";

const formats: readonly Format[] = [chat, messages, responses, gemini];

/** The wire format that requests to this path speak. */
export function formatOf(path: string): Format | undefined {
  return formats.find((one) => one.speaks(path));
}

/**
 * A model server that speaks the wire formats of OpenAI (chat completions and responses), Anthropic and
 * Gemini, streams included. `decide` says what the answer to a request is; `asked` are the requests so far.
 */
export class ModelServer {
  readonly asked: Asked[] = [];
  readonly #decide: (asked: Asked, index: number) => Reply;

  constructor(decide: (asked: Asked, index: number) => Reply) {
    this.#decide = decide;
  }

  async answer(url: string, text: string): Promise<Response> {
    const { pathname } = new URL(url);
    const format = formatOf(pathname);
    if (!format) return new Response(`nobody answers ${pathname}`, { status: 404 });
    const asked = format.read(JSON.parse(text) as Json, pathname);
    this.asked.push(asked);
    const reply = this.#decide(asked, this.asked.length - 1);
    await reply.after;
    const { status = 200, headers } = reply;
    if (status !== 200) {
      const error = { type: "error", message: `refused with ${status}` };
      return Response.json({ type: "error", error }, { status, ...(headers ? { headers } : {}) });
    }
    if (!asked.stream) return Response.json(format.whole(asked, reply));
    const frames = format.parts(asked, reply).map((data) => frameOf(format, data));
    return new Response(frames.join(""), { headers: { "content-type": "text/event-stream" } });
  }
}
