/** Streams that outlive their request's authorisation check, by token: a revocation ends them. */
export class OpenStreams {
  readonly #byToken = new Map<string, Set<AbortController>>();

  /** The response, ended as soon as the token is; anything but an event stream as it is. */
  track(tokenId: string | undefined, response: Response): Response {
    const { body, headers } = response;
    if (!tokenId || !body || !headers.get("content-type")?.includes("event-stream")) {
      return response;
    }
    const abort = new AbortController();
    const open = this.#byToken.get(tokenId) ?? new Set();
    this.#byToken.set(tokenId, open.add(abort));
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    body
      .pipeTo(writable, { signal: abort.signal })
      .catch(() => undefined)
      .finally(() => {
        open.delete(abort);
        if (open.size === 0) this.#byToken.delete(tokenId);
      });
    return new Response(readable, response);
  }

  end(tokenIds: readonly string[]): void {
    for (const id of tokenIds) for (const abort of this.#byToken.get(id) ?? []) abort.abort();
  }
}
