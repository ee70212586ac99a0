import { z } from "zod";
import { defineNode, type NodeResult, type NodeWait } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import { InputError } from "#blueprints/error";
import { authProviders } from "./support/auth/index.ts";
import { type Challenge, challenge, proves, providerOf } from "./support/challenge.ts";

const config = z.strictObject({
  method: z.enum(["code", "magic_link"]).default("code"),
  to: z.string().min(3).max(254).describe("E-mail address, or phone number like +4915112345678."),
  service: z.string().min(1).max(60).describe("What the person signs in to; named in the message."),
  deliver: z
    .discriminatedUnion("provider", [
      authProviders.resend.settings,
      authProviders.ses.settings,
      authProviders.twilio.settings,
      authProviders.msg91.settings,
      authProviders.http.settings,
    ])
    .describe("`provider` decides the other fields."),
  code_length: z.int().min(6).max(8).default(6),
  expires_minutes: z.int().min(1).max(60).default(10).describe("Of each code or link."),
  attempts: z.int().min(1).max(10).default(5).describe("Wrong answers, all codes together."),
  resends: z.int().min(0).max(5).default(2),
  resend_after_seconds: z.int().min(10).max(600).default(30),
  variable: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, "lower case letters, digits and _")
    .default("identity")
    .describe("Later steps read `vars.<variable>`: `address`, `channel`, `verified_at`."),
  remember_hours: z
    .int()
    .min(0)
    .max(720)
    .default(24)
    .describe("In a chat: how long its later runs get the identity; 0: they do not."),
});
type Config = z.infer<typeof config>;

const identity = z.object({
  address: z.string(),
  channel: z.enum(["email", "phone"]),
  verified_at: z.string().describe("ISO 8601."),
});
const output = z.object({
  verified: z.boolean(),
  identity: identity.nullable(),
  reason: z.enum(["", "expired", "locked"]).describe("Why not."),
});
type Output = z.infer<typeof output>;

const answer = z.object({
  code: z.string().optional(),
  token: z.string().optional(),
  resend: z.boolean().optional(),
});

const form = {
  type: "object",
  properties: {
    code: { title: "Code", type: "string", maxLength: 20 },
    token: { type: "string", maxLength: 64 },
    resend: { title: "Send another one", type: "boolean" },
  },
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
};

const resendWord = { resend: { resend: true } };
/** A link is opened, not written. */
const wordsFor = {
  code: {
    field: "code",
    words: resendWord,
    otherwise: 'Write the code, or "resend" for another one.',
  },
  link: { words: resendWord, otherwise: 'Open the link that was sent, or write "resend".' },
};

/** Answers that change nothing, such as a resend too early, are bounded as well. */
const idleAnswers = 20;

function addressOf({ to, deliver }: Config): { address: string; channel: "email" | "phone" } {
  const { reaches } = providerOf(deliver);
  const isPhone = /^\+[1-9]\d{6,14}$/.test(to);
  const isEmail = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/.test(to);
  if (isPhone && reaches !== "email") return { address: to, channel: "phone" };
  if (isEmail && reaches !== "phone") return { address: to.toLowerCase(), channel: "email" };
  const wanted = { email: "an e-mail address", phone: "a phone number", any: "an address" };
  throw new InputError("auth.bad-address", `"${to}" is not ${wanted[reaches]}.`, {
    fix: "Send an address like ada@example.com, or a number like +4915112345678.",
  });
}

interface State {
  /** The one that counts; those before are worth nothing. */
  current: Challenge;
  sent: number;
  wrong: number;
  hint: string;
  /** Answers so far. */
  answers: number;
  isLocked: boolean;
  verifiedAt?: number;
}

const signalOf = (number: number) => (number === 0 ? "answer" : `answer_${number + 1}`);

/** Plays all answers so far over the challenges; the same every time the handler runs. */
async function play(context: NodeContext, wanted: Config): Promise<State> {
  const plan = { ...wanted, to: addressOf(wanted).address };
  const first = await challenge(context, plan, 0);
  const state: State = {
    current: first,
    sent: 1,
    wrong: 0,
    hint: "",
    answers: 0,
    isLocked: first.isRefused === true,
  };
  for (; state.verifiedAt === undefined && !state.isLocked; state.answers += 1) {
    const name = signalOf(state.answers);
    const at = context.answers.get(name)?.at;
    if (at === undefined) return state;
    const { code, token, resend } = answer.parse(context.signals.get(name));
    if (resend) {
      const isEarly = at - state.current.at < wanted.resend_after_seconds * 1_000;
      const isUsedUp = state.sent > wanted.resends;
      state.hint = isUsedUp ? "No more can be sent." : isEarly ? "Wait a little." : "Sent again.";
      if (isEarly || isUsedUp) continue;
      state.current = await challenge(context, plan, state.sent);
      state.sent += 1;
      state.isLocked = state.current.isRefused === true;
    } else if (
      at < state.current.until &&
      (await proves(context, state.current, code ?? token ?? ""))
    ) {
      state.verifiedAt = at;
    } else {
      state.wrong += 1;
      const left = wanted.attempts - state.wrong;
      state.hint = `That is not right; ${left} attempts left.`;
      const goesOn = await countWrong(context, plan.to, name);
      state.isLocked = left <= 0 || !goesOn;
    }
  }
  return state;
}

/** Counted at the address, where no other run can forget it. */
function countWrong(context: NodeContext, address: string, answered: string): Promise<boolean> {
  return context.substep(`wrong_${answered}`, { effect: "idempotent" }, (inner) =>
    inner.admitAttempt("wrong-answer", address),
  );
}

function failed(reason: Output["reason"]): NodeResult<Output> {
  return { output: { verified: false, identity: null, reason }, port: "failed" };
}

async function verified(
  context: NodeContext,
  wanted: Config,
  at: number,
): Promise<NodeResult<Output>> {
  const person = { ...addressOf(wanted), verified_at: new Date(at).toISOString() };
  context.setVariable(wanted.variable, person);
  const until = at + wanted.remember_hours * 3_600_000;
  if (until > at) await context.conversation?.remember(person, until);
  return { output: { verified: true, identity: person, reason: "" }, port: "verified" };
}

/** `a…@example.com`, `+49…78`: enough for who knows it, little for who does not. */
function masked(address: string): string {
  const at = address.indexOf("@");
  return at < 0
    ? `${address.slice(0, 3)}…${address.slice(-2)}`
    : `${address.slice(0, 1)}…${address.slice(at)}`;
}

async function gate(context: NodeContext, wanted: Config): Promise<NodeResult<Output> | NodeWait> {
  const state = await play(context, wanted);
  const { standIn } = context;
  if (standIn) return standIn.isLate ? failed("expired") : verified(context, wanted, context.now());
  if (state.verifiedAt !== undefined) return verified(context, wanted, state.verifiedAt);
  if (state.isLocked || state.answers > idleAnswers) return failed("locked");
  const { until } = state.current;
  if (context.now() >= until) return failed("expired");
  const last = state.current.at + (wanted.resends + 1) * wanted.expires_minutes * 60_000;
  const link = await context.substep("page", { effect: "idempotent" }, (inner) =>
    inner.createLink("verify", last),
  );
  const what = wanted.method === "code" ? "code" : "link";
  return {
    wait: {
      signal: signalOf(state.answers),
      until,
      title: `Sign in to ${wanted.service}`,
      message: `A ${what} was sent to ${masked(wanted.to)}. ${state.hint}`.trim(),
      form,
      isOpen: true,
      link,
      inWords: wanted.method === "code" ? wordsFor.code : wordsFor.link,
    },
  };
}

/** A person proves that an address is theirs before the run goes on. */
export const authGate = defineNode({
  type: "auth_gate",
  title: "Auth gate",
  summary: "Lets a person go on who proves an e-mail address or phone number by code or link.",
  description:
    "Sends a one-time code or a magic link to `to` and waits; the run leaves by `verified` or `failed`. " +
    "`deliver.provider` is `resend` or `ses` for e-mail, `twilio` or `msg91` for SMS, or `http`: a server of " +
    "your own that gets `{to, subject, text, code or link}`. The person answers on the page behind " +
    "`wait.link`, or the caller of the endpoint sends `POST /runs/<run_id>/answers` with " +
    '`{"step": "...", "payload": {"code": "123456"}}`, or `{"resend": true}`. In a chat whoever wrote ' +
    'writes the code, or "resend"; later runs find the identity in `input.conversation.identity` for ' +
    "`remember_hours`, so a `logic` step before the gate can let them by. A code is stored as keyed " +
    "digest only, works once, until `expires_minutes`; after `attempts` wrong ones the gate is locked and " +
    "fails. Over all runs an address gets ten codes an hour, and none after twenty wrong answers a day. Afterwards `vars.identity` (or `variable`) has `address`, `channel`, `verified_at`. In a test a " +
    "person answers at once; a stub that names the step with status 408 lets the time run out. " +
    "Output: `verified`, `identity`, `reason`.",
  config,
  output,
  ports: () => ["verified", "failed"],
  effect: () => "idempotent",
  asksPeople: true,
  requires: ({ deliver }) => {
    const provider = providerOf(deliver);
    return { secrets: provider.secrets(deliver), hosts: provider.hosts(deliver) };
  },
  examples: [
    {
      title: "A code by e-mail before the account is shown",
      config: config.parse({
        to: "{{ input.email }}",
        service: "Acme",
        deliver: { provider: "resend", token: "RESEND_API_KEY", from: "Acme <hello@example.com>" },
      }),
      input: { email: "ada@example.com" },
      expect: {
        port: "verified",
        output: { verified: true, identity: { address: "ada@example.com", channel: "email" } },
      },
    },
  ],
  run: gate,
});
