export type Json = Record<string, unknown>;

/** What the server says to one request. */
export interface Reply {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly input: Json }[];
  /** Another one than 200: the request is refused. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly finish?: "stop" | "length";
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Nothing is said of what it took (chat completions only). */
  readonly uncounted?: true;
  /** The answer comes when this does. */
  readonly after?: Promise<unknown>;
}

/** A request, the same whatever the format. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  /** The whole body, as it came. */
  readonly body: Json;
  /** All that the request says to the model, as JSON. */
  readonly text: string;
  /** Names of the tools that are offered. */
  readonly tools: readonly string[];
}

/** One wire format: how requests are read and answers written. */
export interface Format {
  /** Whether a request to this path speaks it. */
  speaks(path: string): boolean;
  read(body: Json, path: string): Asked;
  whole(asked: Asked, reply: Reply): unknown;
  /** The data of a stream, event by event. */
  parts(asked: Asked, reply: Reply): unknown[];
  /** Name of an event, where events have one. */
  nameOf?(data: Json): string;
}

/** One event of a stream, as it goes over the wire; `data`: one of `parts`. */
export function frameOf(format: Format, data: unknown): string {
  const named = format.nameOf ? `event: ${format.nameOf(data as Json)}\n` : "";
  return `${named}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** What most formats have in common. */
export function readCommon(body: Json, said: readonly unknown[]): Asked {
  const tools = (Array.isArray(body["tools"]) ? body["tools"] : []) as Json[];
  return {
    model: String(body["model"]),
    stream: body["stream"] === true,
    body,
    text: JSON.stringify(said),
    tools: tools.map((tool) =>
      String((tool["function"] as Json | undefined)?.["name"] ?? tool["name"]),
    ),
  };
}

export const callId = (index: number) => `call_${index + 1}`;

/** In three pieces, so that a reader has to put them together. */
export function pieces(text: string): string[] {
  const size = Math.ceil(text.length / 3) || 1;
  return [0, 1, 2].map((index) => text.slice(index * size, (index + 1) * size)).filter(Boolean);
}
