import * as cues from "../vocabulary/cues.ts";
import type { Mention } from "./mentions.ts";
import { readSignIn, type SignIn, withoutOtherCodes } from "./sign-in-reading.ts";

/** How those prove who they are who call or write, as an intent asks for it. */
export interface Callers {
  /** Kinds of proof; empty: none is asked for. */
  readonly callerAuth: readonly string[];
  /** Set where whoever asks proves an address first, by a code or link. */
  readonly signIn: SignIn | undefined;
  /** The service that is named for sending that, and does nothing else. */
  readonly askedBy: Mention | undefined;
}

export function readCallers(english: string, mentions: readonly Mention[]): Callers {
  const signIn = readSignIn(english);
  const askedBy = signIn && senderIn(signIn, mentions);
  return { callerAuth: readCallerAuth(english, signIn), signIn, askedBy };
}

const authKinds: readonly (readonly [string, RegExp])[] = [
  ["otp", /\botps?\b|one[- ]time|code by|texted|emailed (?:a )?code|\bpin\b/i],
  ["magic_link", /magic[- ]link/i],
  ["signature", /signature|hmac|signed (?:webhook|request|payload)|unsigned|forged/i],
  ["api_key", /api[- ]?keys?|bearer|shared secret|token/i],
  ["jwt", /\bjwt/i],
  ["basic", /basic auth|password/i],
  ["second_factor", /\b(?:[2m]fa|two[- ]factor|totp|authenticator)\b/i],
  [
    "login",
    /\b(?:log|sign)(?:s|ging|ing)? (?:[\w-]+ ){1,2}in\b|log(?:ged|s|ging)?[- ]?in|sign(?:ed|s|ing)?[- ]?in|sso|oauth|identity/i,
  ],
];

/** "Signs people in with Google": with somebody between the two words. */
const signsThemIn =
  /\b(?:log|sign)(?:s|ging|ing)? (?:people|users?|customers?|members?|callers?|visitors?|employees|them|everyone|(?:the|our|my) \w+) in\b/i;

/** E-mail or SMS, where it is named for the code. */
function senderIn({ from, to }: SignIn, mentions: readonly Mention[]): Mention | undefined {
  return mentions.find(
    ({ integration, start }) =>
      ["email", "sms"].includes(integration.category) && start >= from && start < to,
  );
}

function readCallerAuth(said: string, signIn: SignIn | undefined): string[] {
  const english = withoutOtherCodes(said);
  const isAsked = signIn !== undefined || signsThemIn.test(english);
  if (!isAsked && !cues.matches(cues.callerAuth, english)) return [];
  const kinds = authKinds.filter(([, says]) => says.test(english)).map(([kind]) => kind);
  const asked = signIn?.method === "code" ? "otp" : signIn?.method;
  if (asked) return [...new Set([asked, ...kinds])];
  return kinds.length > 0 ? kinds : ["api_key"];
}
