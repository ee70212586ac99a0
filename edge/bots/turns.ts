import { AerostackError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { incidentOf } from "#edge/incident";
import { requestRun } from "#edge/triggers/live-workflow";
import type { RunConversation } from "#edge/workflow/run-api";
import { runIdOf } from "#edge/workflow/run-id";
import { runStub, startRun } from "#edge/workflow/start";
import type { Origin } from "./conversation-api.ts";
import type { Inbound } from "./inbox.ts";
import { conversationLimits, waitAfter } from "./limits.ts";
import type { ConversationStore, Wait } from "./store.ts";
import { payloadOf } from "./words.ts";

/** A conversation as its modules see it. */
export interface ConversationPlace {
  readonly env: Env;
  readonly store: ConversationStore;
  readonly now: () => number;
}

/**
 * Takes messages one after the other, as `nextAct` says, until there is none to be taken. Answers when
 * it is to be called again because something failed, in milliseconds since 1970.
 */
export async function takeTurns(place: ConversationPlace): Promise<number | undefined> {
  const { store, now } = place;
  for (let act = store.nextAct(); act; act = store.nextAct()) {
    const { message } = act;
    const origin = store.origin();
    if (!origin) return undefined;
    try {
      if (act.kind === "answer") await answer(place, message, act.wait);
      else await startTurn(place, origin, message);
    } catch (error) {
      const attempts = message.attempts + 1;
      if (isFinal(error) || attempts >= conversationLimits.turnAttempts) {
        store.giveUp(act, now());
        continue;
      }
      incidentOf(error);
      return now() + Math.max(waitAfter(attempts), retryAfter(error));
    }
  }
  return undefined;
}

/** Another attempt would fail too: the workflow is not live, or refuses the input. */
function isFinal(error: unknown): boolean {
  return error instanceof AerostackError && error.status < 500 && error.retryAfterMs === undefined;
}

function retryAfter(error: unknown): number {
  return error instanceof AerostackError ? (error.retryAfterMs ?? 0) : 0;
}

/** The id comes from the message, so that a turn that is started twice is one. */
async function startTurn(
  { env, store, now }: ConversationPlace,
  origin: Origin,
  message: Inbound,
): Promise<void> {
  const { id, workspaceId, platform, thread, bot, baseUrl } = origin;
  const run = await runIdOf("turn", workspaceId, id, message.id);
  store.try(message, run);
  const { user, name, text } = message;
  const request = await requestRun(env, {
    workspaceId,
    workflow: bot.workflow,
    runId: run,
    trigger: "bot",
    input: {
      message: text,
      conversation: {
        id,
        platform,
        thread,
        user: { id: user, ...(name === null ? {} : { name }) },
        identity: store.memory.identityOf(user, now()),
      },
      history: store.memory.said(),
    },
    baseUrl,
    conversation: runConversation(origin, message),
  });
  await startRun(env, request);
  store.started(run);
}

function runConversation(origin: Origin, message: Inbound): RunConversation {
  const { id, platform, thread, bot } = origin;
  const { sending = {}, hosts = [] } = bot.platforms[platform] ?? {};
  const replyTo = message.replyTo ?? origin.replyTo;
  return {
    id,
    platform,
    thread,
    user: message.user,
    secrets: sending,
    hosts,
    ...(replyTo === undefined ? {} : { replyTo }),
  };
}

/** As a stranger may at the run's own address: what is asked so proves itself who answers. */
async function answer(
  { env, store, now }: ConversationPlace,
  message: Inbound,
  wait: Wait,
): Promise<void> {
  store.try(message);
  const { run, step, signal, inWords } = wait;
  const payload = payloadOf(message.text ?? "", inWords);
  if (payload === undefined) return store.notUnderstood(message, wait, now());
  const signalled = await runStub(env, run).signal(step, signal, payload, { kind: "stranger" });
  if (signalled.ok) return store.answered(message, wait);
  const { code, status } = signalled.error;
  if (status >= 500) unwrap(signalled);
  if (code === "signal.invalid") return store.notUnderstood(message, wait, now());
  store.unanswered(message, wait);
}
