import { unwrap } from "#blueprints/outcome";
import { conversationStub, type Question, type RunEnd } from "#edge/bots/conversation-api";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import { wordsOf } from "#edge/nodes/support/words";
import type { RunRequest } from "./run-api.ts";
import { hasEnded, type RunState, signalsOf, type StepState } from "./run-state.ts";
import { toResult } from "./trace.ts";

type News =
  | { readonly kind: "ask"; readonly key: string; readonly step: StepState }
  | { readonly kind: "end"; readonly key: string };

interface Teller {
  readonly request: RunRequest;
  readonly state: RunState;
}

/**
 * What a run tells the conversation that it answers in: that a step began to wait for an answer that
 * anybody may give, and how it ended. What was told is known for this life only; told again, it
 * changes nothing there.
 */
export class ConversationNews {
  readonly #env: Env;
  readonly #told = new Set<string>();
  #telling: Promise<void> = Promise.resolve();

  constructor(env: Env) {
    this.#env = env;
  }

  isOwed({ request, state }: Teller): boolean {
    if (request.conversation === undefined) return false;
    return newsOf(request, state).some(({ key }) => !this.#told.has(key));
  }

  /** In order, one after the other: what was asked is told before the end. */
  tell(run: Teller): Promise<void> {
    if (run.request.conversation === undefined) return this.#telling;
    const telling = this.#telling.catch(() => undefined).then(() => this.#tellAll(run));
    return (this.#telling = telling);
  }

  async #tellAll({ request, state }: Teller): Promise<void> {
    for (const news of newsOf(request, state)) {
      if (this.#told.has(news.key)) continue;
      const { conversation, workspaceId } = request;
      const said = news.kind === "ask" ? questionOf(request, news.step) : endOf(request, state);
      const redacted = await workspaceStub(this.#env, workspaceId).redact(JSON.stringify(said));
      const isGone = !redacted.ok && redacted.error.code === "workspace.not-found";
      // Nobody speaks for a workspace that was deleted meanwhile.
      if (!isGone && conversation !== undefined) {
        const stub = conversationStub(this.#env, conversation.id);
        const told = JSON.parse(unwrap(redacted)) as unknown;
        if (news.kind === "ask") unwrap(await stub.ask(told as Question));
        else unwrap(await stub.end(told as RunEnd));
      }
      this.#told.add(news.key);
    }
  }
}

function newsOf({ parent, mode }: RunRequest, state: RunState): News[] {
  if (mode !== "live") return [];
  // What a run waits for hears of its end from itself.
  if (hasEnded(state)) return parent && !parent.detached ? [] : [{ kind: "end", key: "end" }];
  return [...state.active.values()].flatMap((step): News[] => {
    const { status, wait, path } = step;
    const isAsked = status === "waiting" && wait?.isOpen === true && signalsOf(wait).length > 0;
    return isAsked ? [{ kind: "ask", key: `ask\n${path}\n${signalsOf(wait).join()}`, step }] : [];
  });
}

function questionOf({ id, conversation }: RunRequest, { path, wait }: StepState): Question {
  const [signal = ""] = signalsOf(wait);
  const { title, message, link, inWords, until } = wait ?? {};
  return {
    run: id,
    step: path,
    signal,
    user: conversation?.user ?? "",
    text: [title, message, link].filter((line) => line !== undefined).join("\n"),
    ...(inWords === undefined ? {} : { inWords }),
    ...(until === undefined ? {} : { until }),
  };
}

function endOf(request: RunRequest, state: RunState): RunEnd {
  const { status, output } = toResult(request, state);
  const text = status === "succeeded" ? wordsOf(output) : null;
  return {
    run: request.id,
    failed: status === "failed",
    ...(text === null || text.trim() === "" ? {} : { text }),
  };
}
