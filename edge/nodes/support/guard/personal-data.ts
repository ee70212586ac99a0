import type { Span } from "./pattern.ts";

interface Detector {
  readonly title: string;
  /** Every repetition is bounded, so the time is linear. */
  readonly pattern: RegExp;
  /** What the pattern alone cannot say. */
  readonly holds?: (found: string) => boolean;
}

const digitsOf = (text: string) => text.replaceAll(/\D/g, "");

/** The check digit of payment cards. */
function isLuhn(text: string): boolean {
  const digits = digitsOf(text);
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return digits.length >= 13 && digits.length <= 19 && sum % 10 === 0 && Number(digits) > 0;
}

/** The check digits of bank accounts. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(" ", "").toUpperCase();
  if (plain.length < 15 || plain.length > 34) return false;
  const rest = Array.from(plain.slice(4) + plain.slice(0, 4), (character) =>
    Number.parseInt(character, 36).toString(),
  ).join("");
  return (
    Array.from(rest).reduce((remainder, digit) => (remainder * 10 + Number(digit)) % 97, 0) === 1
  );
}

function isPhone(text: string): boolean {
  const count = digitsOf(text).length;
  return count >= 8 && count <= 15;
}

/** What tells a person, or opens a door, by the name in a rule. */
export const detectors = {
  email: {
    title: "an e-mail address",
    pattern: /[\w.%+-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,8}/gi,
  },
  phone: {
    title: "a telephone number",
    pattern:
      /(?<![\w.])(?:\+\d[\d ()./-]{6,20}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|0\d{1,4}[ /-]\d[\d -]{4,12}\d)(?!\w)/g,
    holds: isPhone,
  },
  card: { title: "a payment card", pattern: /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g, holds: isLuhn },
  iban: {
    title: "a bank account",
    pattern: /(?<![a-z\d])[a-z]{2}\d{2}(?: ?[a-z\d]{4}){2,7}(?: ?[a-z\d]{1,3})?(?![a-z\d])/gi,
    holds: isIban,
  },
  ip: {
    title: "an IP address",
    pattern:
      /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d)/g,
  },
  us_ssn: {
    title: "a US social security number",
    pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g,
  },
  credential: {
    title: "a key or password",
    pattern:
      /(?:sk|rk|pk)[-_](?:live[-_]|test[-_]|proj-|ant-)?[\w-]{20,200}|gh[pousr]_\w{30,255}|github_pat_\w{30,255}|AKIA[A-Z\d]{16}|xox[abprs]-[\w-]{10,200}|AIza[\w-]{35}|(?<![\w-])eyJ[\w-]{8,2000}\.eyJ[\w-]{8,2000}\.[\w-]{8,1000}|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g,
  },
} as const satisfies Record<string, Detector>;

export type PersonalData = keyof typeof detectors;
export const kindsOfPersonalData = Object.keys(detectors) as PersonalData[];

/** Where a text has data of this kind. */
export function findPersonalData(kind: PersonalData, text: string): Span[] {
  const { pattern, holds }: Detector = detectors[kind];
  return [...text.matchAll(pattern)]
    .filter(([found]) => holds?.(found) ?? true)
    .map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
}
