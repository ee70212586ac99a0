import { DurableObject } from "cloudflare:workers";
import { attempt, type Outcome } from "#blueprints/outcome";
import { openConversationDatabase } from "#edge/db/conversation-database";
import type { Env } from "#edge/env";
import { incidentOf } from "#edge/incident";
import type { ConversationApi, Origin, Proof, Question, RunEnd } from "./conversation-api.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { ChatMessage } from "./platform.ts";
import { sendAll } from "./post.ts";
import { ConversationStore } from "./store.ts";
import { type ConversationPlace, takeTurns } from "./turns.ts";

/** Milliseconds until work is taken up again that a dead process has left. */
const deadManMs = 5_000;

/** One thread on one platform with one bot: storage, alarm and RPC names; the rules are in the modules. */
export class Conversation extends DurableObject<Env> implements ConversationApi {
  #opened: ConversationStore | undefined;
  readonly #turns = new OneAtATime(async () => {
    this.#turnsAt = await takeTurns(this.#place());
  });
  readonly #post = new OneAtATime(async () => {
    this.#postAt = await sendAll(this.#place());
  });
  /** When each is to be tried again; undefined: nothing is left to do. */
  #turnsAt: number | undefined;
  #postAt: number | undefined;
  #works = 0;

  receive(origin: Origin, messages: readonly ChatMessage[]): Promise<Outcome<void>> {
    return this.#change((now) => this.#store.receive(origin, messages, now));
  }

  ask(question: Question): Promise<Outcome<void>> {
    return this.#change((now) => this.#store.ask(question, now));
  }

  end(end: RunEnd): Promise<Outcome<void>> {
    return this.#change((now) => this.#store.end(end, now));
  }

  remember(proof: Proof): Promise<Outcome<void>> {
    return this.#change(() => this.#store.memory.remember(proof));
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    const forgottenAt = this.#store.forgottenAt();
    if (forgottenAt === undefined || forgottenAt <= now) {
      await this.ctx.storage.deleteAlarm();
      await this.ctx.storage.deleteAll();
      this.#opened = undefined;
      return;
    }
    this.#store.forget(now);
    // Whatever happens here, another alarm comes: the platform gives up one whose handler throws.
    void this.ctx.storage.setAlarm(now + deadManMs);
    await this.#work();
  }

  get #store(): ConversationStore {
    return (this.#opened ??= new ConversationStore(openConversationDatabase(this.ctx.storage)));
  }

  #place(): ConversationPlace {
    return { env: this.env, store: this.#store, now: Date.now };
  }

  /** Alarm and change commit together; what follows from it is done when the caller has its answer. */
  #change(write: (now: number) => void): Promise<Outcome<void>> {
    return attempt(() => {
      const now = Date.now();
      write(now);
      void this.ctx.storage.setAlarm(now + deadManMs);
      this.ctx.waitUntil(this.#work());
    });
  }

  /** Both go on by themselves; a turn that could not be taken leaves something to be said. */
  async #work(): Promise<void> {
    this.#works += 1;
    try {
      const turns = this.#turns.run();
      await this.#post.run();
      await turns;
      await this.#post.run();
      // While others work the alarm stays near.
      if (this.#works > 1) return;
      const forgottenAt = this.#store.forgottenAt();
      // Nobody has spoken to the bot: the next alarm deletes what is not needed.
      if (forgottenAt === undefined) return;
      const dues = [this.#turnsAt, this.#postAt, forgottenAt].filter((at) => at !== undefined);
      await this.ctx.storage.setAlarm(Math.min(...dues));
    } catch (error) {
      incidentOf(error);
    } finally {
      this.#works -= 1;
    }
  }
}
