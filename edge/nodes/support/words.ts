/** What a run says in words: a text, or what agents call their answer; null: nothing. */
export function wordsOf(given: unknown): string | null {
  if (typeof given === "string") return given;
  const { answer, text, message } = { ...(given as Record<string, unknown> | null) };
  return [answer, text, message].find((one): one is string => typeof one === "string") ?? null;
}
