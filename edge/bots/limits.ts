const day = 86_400_000;

/** What a conversation may hold; each is enforced where its comment says. Times in milliseconds. */
export const conversationLimits = {
  /** Bytes of one delivery of a platform (`routes`). */
  bodyBytes: 3_000_000,
  /** Characters of one message; what is longer is cut (`store`). */
  messageLength: 40_000,
  /** Messages that wait for their turn; more are refused, so that the platform comes again (`store`). */
  inbox: 100,
  /** Messages of the past that a run gets, and characters of each (`store`). */
  history: 20,
  historyLength: 2_000,
  /** Attempts to start a run or to answer a step, and waits between them (`turns`). */
  turnAttempts: 8,
  /** Attempts to send one message; then it is dropped, and the next one's turn comes (`post`). */
  sendAttempts: 8,
  /** Before the second attempt; three times as long before each further one, `longestWaitMs` at most. */
  firstWaitMs: 2_000,
  longestWaitMs: 600_000,
  /** The longest that a platform may ask for. */
  askedWaitMs: 3_600_000,
  /** Longer than a run may last: ids of messages, in and out, are known until then (`store`). */
  keptMs: 31 * day,
  /** Rows of the past, of each kind, in that time (`store`). */
  keptRows: 10_000,
} as const;

/** Milliseconds after an attempt, 1 for the first. */
export function waitAfter(attempts: number): number {
  const { firstWaitMs, longestWaitMs } = conversationLimits;
  return Math.min(longestWaitMs, firstWaitMs * 3 ** (attempts - 1));
}
