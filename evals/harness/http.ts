import { EventSourceParserStream } from "eventsource-parser/stream";

export interface HttpAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** The body as it came, for looking for what must not be in it. */
  readonly text: string;
}

/** POSTs JSON with a bearer; anything that is not a JSON object comes back as `{}`. */
export async function post(
  url: string,
  token: string | undefined,
  body: unknown,
): Promise<HttpAnswer> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(body),
  });
  return read(response);
}

export async function read(response: Response): Promise<HttpAnswer> {
  const text = await response.text();
  try {
    const parsed: unknown = JSON.parse(text);
    const body = parsed && typeof parsed === "object" ? (parsed as Record<string, unknown>) : {};
    return { status: response.status, body, text };
  } catch {
    return { status: response.status, body: {}, text };
  }
}

export interface StreamedEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

/** POSTs and reads the event stream to its end, telling each event as it comes. */
export async function postStream(
  url: string,
  token: string,
  body: unknown,
  onEvent: (event: StreamedEvent) => void = () => {},
): Promise<StreamedEvent[]> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "text/event-stream",
      Authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(body),
  });
  if (!response.body) return [];
  const events: StreamedEvent[] = [];
  const stream = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const message of stream) {
    const event = {
      event: message.event ?? "message",
      id: message.id,
      data: JSON.parse(message.data) as Record<string, unknown>,
    };
    events.push(event);
    onEvent(event);
  }
  return events;
}

/** Every value of that field name anywhere inside, so that a task need not know the nesting. */
export function find(value: unknown, field: string): unknown[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === field ? [inner] : []),
    ...find(inner, field),
  ]);
}
