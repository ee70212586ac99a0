/** That whoever asks proves an e-mail address or phone number first, as an intent says it. */
export interface SignIn {
  readonly method: "code" | "magic_link";
  /** Undefined: the intent does not say where the code or link goes. */
  readonly by: "email" | "phone" | undefined;
  /** The clause that says it. */
  readonly from: number;
  readonly to: number;
}

const mail = "e-?mails?|mail";
const phone = "sms|text(?: message)?s?|phones?|mobiles?|cell";
const reached = `(?:${mail}|${phone})`;
const whom =
  "(?:(?:them|him|her|people|users?|customers?|callers?|visitors?|(?:the|a|each|every) (?:user|customer|caller|person|visitor|guest|member)) )?";
const code = "(?:code|pin)s?\\b(?! (?:review|change|snippet|block|coverage|quality|base|of)s?\\b)";

const ways: readonly { readonly method: SignIn["method"]; readonly says: RegExp }[] = [
  { method: "magic_link", says: /\bmagic[- ]links?\b|\b(?:sign|log)[- ]?in links?\b/i },
  {
    method: "code",
    says: new RegExp(
      [
        "\\botps?\\b|\\bone[- ]time (?:code|password|pass ?code|pin)s?\\b",
        `\\b(?:${reached}|verification|security|confirmation|log-?in|sign-?in) ${code}`,
        `\\b(?:code|pin)s? (?:\\w+ ){0,3}?(?:by|via|over|per|through|in|to|from) (?:an? |the |their |his |her )?${reached}\\b`,
        `\\b(?:sends?|sending|texts?|texting|texted|e-?mails?|e-?mailed|mails?|mailed) ${whom}(?:an? |the )?(?:\\w+-digit |secret |short )?${code}`,
        `\\b(?:log|sign)(?:s|ged|ed|ging|ing)?[- ]?(?:\\w+ )?in (?:\\w+ ){0,3}?(?:with|by|via|over|using|through) (?:an? |their |his |her )?${reached}\\b(?!(?: address)? and (?:an? )?password)`,
        `\\b(?:verif|identif|authenticat)\\w+ (?:\\w+ ){1,4}?(?:by|via|over) ${reached}\\b`,
        `\\b(?:verif|prov|confirm)\\w* (?:their|his|her) (?:e-?mail|phone|mobile)\\b`,
        "\\bauth[_ -]?gates?\\b",
      ].join("|"),
      "i",
    ),
  },
];

const otherCodes =
  /\b(?:discount|promo(?:tion(?:al)?)?|coupon|voucher|gift|referral|qr|bar|zip|post(?:al)?|area|country|error|status|tracking|source|access|door|booking|activation|licen[cs]e|review) ?(?:code|pin)s?\b|\b(?:generat|extract|forward|redeem)\w* (?:an? |the )?(?:[\w-]+ ){0,2}(?:code|pin|otp)s?\b|\b(?:no|without|instead of|rather than) (?:any |an? |the )?(?:[\w-]+ )?(?:code|pin|otp|magic[- ]link|password)s?\b/gi;
const negated =
  /\b(?:no|not|without|never|instead of|rather than|don't|do not)(?: (?:any|an?|the|use|using|need|send))*\s*$/i;
const separators = /[,;.:](?=\s|$)|\b(?:and|then|before|after|once|until|unless|when|if|only)\b/gi;

/** With codes blanked out that prove nothing or that nobody wants; the same length. */
export function withoutOtherCodes(english: string): string {
  return english.replace(otherCodes, (said) => " ".repeat(said.length));
}

/** Undefined: nobody has to prove an address. */
export function readSignIn(english: string): SignIn | undefined {
  const text = withoutOtherCodes(english);
  for (const { method, says } of ways) {
    const match = says.exec(text);
    if (!match || negated.test(text.slice(0, match.index))) continue;
    const { from, to } = clauseAround(text, match.index, match.index + match[0].length);
    return { method, by: addressIn(text.slice(from, to)) ?? addressIn(text), from, to };
  }
  return undefined;
}

function addressIn(text: string): SignIn["by"] {
  const at = (kind: string) => text.search(new RegExp(`\\b(?:${kind})\\b`, "i"));
  const [byMail, byPhone] = [at(`${mail}|e-?mailed|mailed`), at(`${phone}|texted|texting`)];
  if (byMail < 0 && byPhone < 0) return undefined;
  return byPhone < 0 || (byMail >= 0 && byMail < byPhone) ? "email" : "phone";
}

function clauseAround(text: string, at: number, end: number) {
  const places = [...text.matchAll(separators)];
  const before = places.findLast(({ index, 0: said }) => index + said.length <= at);
  const behind = places.find(({ index }) => index >= end);
  return { from: before ? before.index + before[0].length : 0, to: behind?.index ?? text.length };
}
