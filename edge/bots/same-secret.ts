import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";

/** Takes as long for every wrong one of a length. An empty secret never fits: it would let everybody in. */
export function isSameSecret(given: string, known: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(known)];
  return known !== "" && one.length === other.length && timingSafeEqual(one, other);
}
