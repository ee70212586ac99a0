import { defineTemplate, objectSchema } from "./template.ts";

/** Check digits by ISO 13616 (mod 97 of ISO 7064); lengths from the IBAN registry for the larger countries. */
export const iban = defineTemplate({
  id: "iban",
  says: /\bibans?\b/i,
  verb: "check_iban",
  build: () => ({
    description:
      "Whether an IBAN is well formed: its characters, its country's length and its check digits. It does not say that the account exists.",
    code: `const lengths: Record<string, number> = { AT: 20, BE: 16, BG: 22, CH: 21, CY: 28, CZ: 24, DE: 22, DK: 18, EE: 20, ES: 24, FI: 18, FR: 27, GB: 22, GR: 27, HR: 21, HU: 28, IE: 22, IT: 27, LI: 21, LT: 20, LU: 20, LV: 21, MT: 31, NL: 18, NO: 15, PL: 28, PT: 25, RO: 24, SE: 24, SI: 19, SK: 24, TR: 26 };

/** Piece by piece: the whole number is too large for exact arithmetic. */
function mod97(iban: string): number {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const digits = String(Number.parseInt(character, 36));
    for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest;
}

/** Spaces are allowed; \`reason\` is empty for a valid one. */
export default function checkIban(input: { iban: string }) {
  const iban = input.iban.replace(/\\s+/g, "").toUpperCase();
  const country = iban.slice(0, 2);
  const no = (reason: string) => ({ valid: false, reason, country, iban });
  if (!/^[A-Z]{2}\\d{2}[A-Z0-9]{11,30}$/.test(iban)) return no("format");
  if (lengths[country] !== undefined && lengths[country] !== iban.length) return no("length");
  if (mod97(iban) !== 1) return no("check_digits");
  return { valid: true, reason: "", country, iban };
}
`,
    input: objectSchema({ iban: { type: "string" } }, ["iban"]),
    output: objectSchema(
      {
        valid: { type: "boolean" },
        reason: { type: "string", enum: ["", "format", "length", "check_digits"] },
        country: { type: "string" },
        iban: { type: "string", description: "In capitals, without spaces." },
      },
      ["valid", "reason"],
    ),
    examples: [
      {
        name: "a valid one with spaces passes",
        input: { iban: "DE89 3704 0044 0532 0130 00" },
        output: { valid: true, country: "DE" },
      },
      {
        name: "one wrong digit is found",
        input: { iban: "DE89370400440532013001" },
        output: { valid: false, reason: "check_digits" },
      },
      {
        name: "a length that the country does not use is found",
        input: { iban: "GB82WEST123456987654321" },
        output: { valid: false, reason: "length" },
      },
      {
        name: "what is no IBAN is refused",
        input: { iban: "hello" },
        output: { valid: false, reason: "format" },
      },
    ],
  }),
});
