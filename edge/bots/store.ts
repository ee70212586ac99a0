import { and, desc, eq, isNull, lt, ne } from "drizzle-orm";
import type { ConversationDatabase } from "#edge/db/conversation-database";
import { inbox, origin, outbox, waits } from "#edge/db/tables/conversation-object";
import type { Origin, Question, RunEnd } from "./conversation-api.ts";
import { type Inbound, Inbox } from "./inbox.ts";
import { conversationLimits } from "./limits.ts";
import { Memory } from "./memory.ts";
import { type Act, nextAct } from "./next-act.ts";
import { Outbox } from "./outbox.ts";
import type { ChatMessage } from "./platform.ts";
import { platforms } from "./platforms/index.ts";

export type Wait = typeof waits.$inferSelect;

/** What the bot says in case of trouble: nothing of what is inside. */
const apology = "Sorry, something went wrong. Please try again.";

/**
 * The rows of one conversation. Synchronous: what one call writes commits together, and before
 * anything that follows from it leaves the object.
 */
export class ConversationStore {
  readonly outbox: Outbox;
  readonly memory: Memory;
  readonly #database: ConversationDatabase;
  readonly #inbox: Inbox;

  constructor(database: ConversationDatabase) {
    this.#database = database;
    this.#inbox = new Inbox(database);
    this.outbox = new Outbox(database);
    this.memory = new Memory(database);
  }

  /** Undefined: nobody has ever written. */
  origin(): Origin | undefined {
    return this.#database.select().from(origin).get()?.body;
  }

  /** @throws InputError `conversation.full`: none of them was taken */
  receive(from: Origin, messages: readonly ChatMessage[], now: number): void {
    const known = this.origin();
    const heard = messages.filter(({ isOverheard }) => !isOverheard || known !== undefined);
    if (heard.length === 0) return;
    this.#inbox.add(heard, now);
    const replyTo = heard.findLast((one) => one.replyTo !== undefined)?.replyTo ?? known?.replyTo;
    const body = { ...from, ...(replyTo === undefined ? {} : { replyTo }) };
    this.#database
      .insert(origin)
      .values({ id: 1, body, activeAt: now })
      .onConflictDoUpdate({ target: origin.id, set: { body, activeAt: now } })
      .run();
  }

  nextAct(): Act<Inbound, Wait> | undefined {
    const newestFirst = this.#database.select().from(waits).orderBy(desc(waits.afterSeq)).all();
    return nextAct(this.#inbox.unheard(), newestFirst, this.#inbox.turns());
  }

  /** Written before it is tried: a process that dies meanwhile has tried. `run`: the one that it starts. */
  try({ seq, attempts }: Inbound, run?: string): void {
    const turn = run === undefined ? {} : { state: "turn" as const, run };
    this.#inbox.change({ seq }, { attempts: attempts + 1, ...turn });
  }

  /** The run is on disk; it may even be over. */
  started(run: string): void {
    const turn = this.#inbox.turnOf(run);
    if (turn) this.#hear(turn);
  }

  /** The step has it: its text, which may be a code, is not kept. */
  answered(message: Inbound, wait: Wait): void {
    this.#inbox.change(message, { state: "done", text: null });
    this.#changeWait(wait, { answered: true, afterSeq: message.seq });
  }

  /** It is no answer; the step waits on. */
  notUnderstood(message: Inbound, { inWords, message: question }: Wait, now: number): void {
    this.#inbox.change(message, { state: "done", text: null });
    this.say(`message/${message.seq}`, inWords.otherwise ?? question, now);
  }

  /** The step waits no longer: what was meant for it may be for what it asks next, or for nobody. */
  unanswered({ seq }: Inbound, wait: Wait): void {
    this.#changeWait(wait, { answered: true, afterSeq: seq - 1 });
  }

  #changeWait({ run, step }: Pick<Wait, "run" | "step">, set: Partial<Wait>): void {
    const isIt = and(eq(waits.run, run), eq(waits.step, step));
    this.#database.update(waits).set(set).where(isIt).run();
  }

  /** Nothing comes of this message, and whoever wrote it is told so. */
  giveUp({ kind, message }: Act<Inbound, Wait>, now: number): void {
    if (kind === "start") this.#hear(message);
    this.#inbox.change(message, { state: "done", text: null });
    this.say(`message/${message.seq}`, apology, now);
  }

  ask({ text, inWords, until, ...question }: Question, now: number): void {
    const { run, step, signal, user } = question;
    const key = `${run}/${step}/${signal}`;
    if (this.outbox.has(key)) return;
    this.say(key, text, now);
    if (inWords === undefined) return;
    const isIt = and(eq(waits.run, run), eq(waits.step, step));
    const before = this.#database.select().from(waits).where(isIt).get();
    // What came since the answer before was written in knowledge of being asked.
    const afterSeq = before?.answered ? before.afterSeq : this.#inbox.lastSeq();
    const set = {
      signal,
      user,
      message: text,
      inWords,
      until: until ?? null,
      afterSeq,
      answered: false,
    };
    this.#database
      .insert(waits)
      .values({ run, step, ...set })
      .onConflictDoUpdate({ target: [waits.run, waits.step], set })
      .run();
  }

  end({ run, text, failed }: RunEnd, now: number): void {
    this.#database.delete(waits).where(eq(waits.run, run)).run();
    const turn = this.#inbox.turnOf(run);
    if (turn) {
      this.#hear(turn);
      this.#inbox.change(turn, { state: "done" });
    }
    const key = `${run}/end`;
    const words = failed ? apology : text;
    if (words === undefined || this.outbox.has(key)) return;
    this.say(key, words, now);
    if (!failed) this.memory.add({ from: "bot", text: words, at: now });
  }

  say(key: string, text: string, at: number): void {
    const longest = platforms[this.origin()?.platform ?? ""]?.longestText ?? text.length;
    this.outbox.add(key, text, { longest, at });
  }

  /** From now on it is a thing of the past. */
  #hear(message: Inbound): void {
    const { text, user, at } = message;
    if (text === null) return;
    this.memory.add({ from: "user", user, text, at });
    this.#inbox.change(message, { text: null });
  }

  /** When the last rows are old enough to be forgotten; undefined: there are none. */
  forgottenAt(): number | undefined {
    const row = this.#database.select().from(origin).get();
    return row && row.activeAt + conversationLimits.keptMs;
  }

  /** What is over and old, or more than is kept, is deleted. */
  forget(now: number): void {
    const { keptMs, keptRows } = conversationLimits;
    for (const table of [inbox, outbox]) {
      const isOver = and(ne(table.state, "queued"), ne(table.state, "turn"), isNull(table.text));
      this.#database
        .delete(table)
        .where(and(isOver, lt(table.at, now - keptMs)))
        .run();
      const surplus = this.#database.select({ seq: table.seq }).from(table);
      const last = surplus.orderBy(desc(table.seq)).limit(1).offset(keptRows).get();
      if (last)
        this.#database
          .delete(table)
          .where(and(isOver, lt(table.seq, last.seq)))
          .run();
    }
    this.#database
      .delete(waits)
      .where(lt(waits.until, now - keptMs))
      .run();
  }
}
