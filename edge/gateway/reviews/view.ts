import { type CallRoom, logged } from "#edge/gateway/call";
import type { Read } from "#edge/gateway/protocol/read";
import type { RpcAnswer } from "#edge/gateway/upstream/json-rpc";
import type { Actor } from "#edge/identity/actor";
import { viewHtml } from "#edge/mcp-app/view";
import { type ReviewPlace, reviewTools, reviewView } from "./offered.ts";

/** Whether there is a view to read; so also a resource, where no linked server has any. */
export function offersView(place: ReviewPlace, actor: Actor): boolean {
  return reviewTools(place, actor).length > 0;
}

/** The view of the tools for reviews, for who has them; undefined: it is something else that is read. */
export function readView(room: CallRoom, asked: Read) {
  if (asked.name !== reviewView.uri || !offersView(room, asked.actor)) return undefined;
  const at = room.now();
  const contents = [{ ...reviewView, text: viewHtml }];
  const answer: RpcAnswer = { result: { contents } };
  return {
    answer,
    record: (responseBytes: number) =>
      room.log.add({
        ...logged(asked, at),
        kind: asked.kind,
        mcp: "-",
        tool: reviewView.uri,
        latencyMs: 0,
        upstreamMs: 0,
        responseBytes,
        outcome: "ok",
      }),
  };
}
