import { integrationById } from "../vocabulary/integrations/index.ts";
import type { Integration } from "../vocabulary/integration.ts";
import type { Mention } from "./mentions.ts";

const mailWords =
  /\b(?:e-?mails? (?:when|if|once|whenever|every|after|support@|to|and|with|people|each|new|for)\b|mails? (?:me|us|them|it|him|her|the|a|an|my|our|everyone|to)\b|(?:draft|write|compose|prepare|create|generate|reply to|answer)s? (?:\w+ ){0,3}e-?mails?|(?:confirmation|reminder|welcome|thank[- ]you|personali[sz]ed|polite|follow-?up|summary|digest|weekly|daily|onboarding|cold|outreach|apology|alert|one|single|rejection) e-?mails?|send(?:s|ing)? (?:\w+ ){0,5}e-?mails?|e-?mails? (?:me|us|them|him|her|everyone|it|the|a|an|my|our|customers?|sales|support|finance|that|which|came|arriv\w+|from|summary|digest|report|alert|notification|thread|drafts?|campaigns?|sequence|attachments?)|(?:incoming|inbound|new|unread|support|customer|business|every|each|my|our|all|cold|these|sort|read|reads|answer|answers) (?:\w+ )?(?:e-?mails|mails?|mail inbox)|(?:new|an?|each|every|incoming|inbound|support) (?:incoming )?e-?mail (?:arrives|comes|lands|with|from|to|about|is received)|(?:by|via|per|over|as an?|through) e-?mail|inbox(?:es)?|mailbox|newsletters?|e-?mails? (?:to )?(?:the |each |every )?(?:list|recipients?|subscribers?|people|team|manager|boss)|e-?mail (?:bot|assistant|agent|parser|triage|classifier|forwarding|routing|address))\b/i;
const notMail =
  /\b(?:know|known|match(?:es|ed)?|find|found|look(?:ed)? up|identif\w+|dedup\w+|unique|verify|code|upsert(?:ed)?|keyed) (?:\w+ ){0,2}(?:by|via|their|per) e-?mail\b|\be-?mail (?:is|are|field|column|present|given|required|address(?:es)? (?:is|are|valid))|\bvalid(?:ate)? (?:an? |the )?e-?mail/i;

/** E-mail and SMS are said without a provider as a matter of course: that counts as naming them. */
export function withGeneric(
  english: string,
  wanted: readonly Mention[],
  avoided: readonly Integration[],
): readonly Mention[] {
  const has = (category: string) =>
    [...wanted.map(({ integration }) => integration), ...avoided].some(
      (one) => one.category === category,
    );
  const more: Mention[] = [];
  const mail = mailWords.exec(english.replace(new RegExp(notMail.source, "gi"), " "));
  if (mail && !has("email")) more.push(generic("email", english, mail[0]));
  const sms = /\b(?:sms(?:es)?|text messages?|texts? (?:me|us|them|the|customers?))\b/i.exec(
    english,
  );
  if (sms && !has("sms")) more.push(generic("twilio", english, sms[0]));
  return [...wanted, ...more];
}

const genericMail: Integration = {
  id: "email",
  name: "E-mail",
  category: "email",
  host: "api.resend.com",
  delivery: "poll",
  aliases: [],
  ambiguous: false,
};

function generic(id: string, english: string, said: string): Mention {
  const start = Math.max(0, english.indexOf(said));
  const incoming =
    /\b(?:inbox|mailbox|incoming|inbound|new|unread|came|arriv|come in|sort|every|each|read|customer e-?mails|support e-?mails)/i.test(
      said,
    ) && !/\bsend|newsletter/i.test(said);
  return {
    integration: integrationById.get(id) ?? genericMail,
    start,
    end: start + said.length,
    role: incoming ? "source" : "target",
  };
}
