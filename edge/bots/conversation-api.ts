import type { WordsAnswer } from "#blueprints/node";
import type { Outcome } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import type { LiveBot } from "#edge/gateway/live-items";
import type { ChatMessage } from "./platform.ts";

/** Whose conversation it is, and what it needs in order to answer. */
export interface Origin {
  /** `conv_...` */
  readonly id: string;
  readonly workspaceId: string;
  readonly platform: string;
  readonly thread: string;
  readonly bot: LiveBot;
  /** For links in what the bot says. */
  readonly baseUrl: string;
  /** What the newest message of the thread brought. */
  readonly replyTo?: string;
}

/** A step of a run asks whoever wrote the message that the run answers. */
export interface Question {
  readonly run: string;
  /** Path. */
  readonly step: string;
  /** The signal that it waits for: another one is another question. */
  readonly signal: string;
  readonly user: string;
  readonly text: string;
  /** Absent: words do not answer it. */
  readonly inWords?: WordsAnswer;
  /** Milliseconds since 1970. */
  readonly until?: number;
}

/** A run of the conversation is over. */
export interface RunEnd {
  readonly run: string;
  /** What it answers; absent: nothing. */
  readonly text?: string;
  readonly failed: boolean;
}

/** Who a user has proved to be, until then (milliseconds since 1970). */
export interface Proof {
  readonly user: string;
  readonly identity: unknown;
  readonly until: number;
}

/** What the `Conversation` object answers over RPC. Repeating a call changes nothing. */
export interface ConversationApi {
  /** On disk, each once, when this returns. `conversation.full` (429): none of them was taken. */
  receive(origin: Origin, messages: readonly ChatMessage[]): Promise<Outcome<void>>;
  ask(question: Question): Promise<Outcome<void>>;
  end(end: RunEnd): Promise<Outcome<void>>;
  remember(proof: Proof): Promise<Outcome<void>>;
}

/** The object of a conversation. */
export function conversationStub(env: Env, id: string): ConversationApi {
  // The generated stub type loses types with `unknown` fields; the object implements the same API.
  const stub: unknown = env.CONVERSATION.getByName(id);
  return stub as ConversationApi;
}
