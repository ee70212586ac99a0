/** Calls and streams that outlive their authorisation check, by token: a revocation ends them. */
export class OpenStreams {
  readonly #byToken = new Map<string, Set<() => void>>();

  /** The response, ended as soon as the token is; anything but an event stream as it is. */
  track(tokenId: string | undefined, response: Response): Response {
    if (!tokenId || !response.headers.get("content-type")?.includes("event-stream")) {
      return response;
    }
    // Asked for only here: the runtime makes a stream of it, also for an answer that needs none.
    const { body } = response;
    if (!body) return response;
    return new Response(
      endable(body, (end) => this.begin(tokenId, end)),
      response,
    );
  }

  /** `end` is called when the token ends; the result is called when there is nothing left to end. */
  begin(tokenId: string, end: () => void): () => void {
    const open = this.#byToken.get(tokenId) ?? new Set();
    this.#byToken.set(tokenId, open);
    open.add(end);
    return () => {
      open.delete(end);
      if (open.size === 0 && this.#byToken.get(tokenId) === open) this.#byToken.delete(tokenId);
    };
  }

  end(tokenIds: readonly string[]): void {
    for (const id of tokenIds) for (const end of this.#byToken.get(id) ?? []) end();
  }
}

/**
 * The same bytes, with a way to stop at once. `pipeTo` with a signal would wait for the next chunk
 * first, which a quiet subscription may not send for hours.
 */
function endable(
  body: ReadableStream<Uint8Array>,
  register: (end: () => void) => () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let isOver = false;
  let unregister: (() => void) | undefined;
  const finish = () => {
    isOver = true;
    unregister?.();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      unregister = register(() => {
        if (isOver) return;
        finish();
        controller.close();
        reader.cancel().catch(() => undefined);
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (isOver) return;
      if (!done) return controller.enqueue(value);
      finish();
      controller.close();
    },
    cancel(reason) {
      finish();
      return reader.cancel(reason);
    },
  });
}
