/** A message that was not taken yet; the run that it started may be. */
interface Waiting {
  readonly seq: number;
  readonly user: string;
  readonly state: "queued" | "turn" | "done";
}
interface Asking {
  readonly user: string;
  readonly afterSeq: number;
  readonly answered: boolean;
}

export type Act<Message, Wait> =
  | { readonly kind: "start"; readonly message: Message }
  | { readonly kind: "answer"; readonly message: Message; readonly wait: Wait };

/**
 * What comes next in a conversation; undefined: nothing before something else happens. Messages are
 * taken in order, one run at a time; but what a user writes after being asked goes to the step that
 * asks, past what others wrote, and a run that waits for words of its user keeps others from nothing.
 * `unheard`: messages whose text nobody has taken yet; `waits`: the newest first; `turns`: what runs
 * are under way for.
 */
export function nextAct<Message extends Waiting, Wait extends Asking>(
  unheard: readonly Message[],
  waits: readonly Wait[],
  turns: readonly Pick<Waiting, "user">[],
): Act<Message, Wait> | undefined {
  // Its run was to be started when the process died: starting it again joins it.
  const interrupted = unheard.find(({ state }) => state === "turn");
  if (interrupted) return { kind: "start", message: interrupted };
  const isAsked = (user: string) => waits.some((one) => one.user === user && !one.answered);
  const isBusy = (user: string) => turns.some((turn) => turn.user === user || !isAsked(turn.user));
  for (const message of unheard) {
    const { seq, user } = message;
    const wait = waits.find((one) => one.user === user && !one.answered && one.afterSeq < seq);
    if (wait) return { kind: "answer", message, wait };
    if (!isBusy(user)) return { kind: "start", message };
  }
  return undefined;
}
