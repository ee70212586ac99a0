import { timingSafeEqual } from "node:crypto";
import { UpstreamError } from "#blueprints/error";
import type { NodeContext } from "#blueprints/node-context";
import { authProviders } from "./auth/index.ts";
import type { AuthProvider, Delivery } from "./auth-provider.ts";
import { readBody, unexpectedAnswer } from "./http.ts";

export interface ChallengePlan<Settings = { readonly provider: keyof typeof authProviders }> {
  readonly method: "code" | "magic_link";
  readonly to: string;
  readonly service: string;
  readonly expires_minutes: number;
  readonly code_length: number;
  readonly deliver: Settings;
}

/** What was sent, as it is stored: a keyed digest instead of the code. */
export interface Challenge {
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly until: number;
  /** Nothing was sent: too much happened at this address lately. */
  readonly isRefused?: true;
}

export function providerOf<Settings extends { readonly provider: keyof typeof authProviders }>({
  provider,
}: Settings): AuthProvider<Settings> {
  return authProviders[provider] as unknown as AuthProvider<Settings>;
}

/**
 * Makes a code or link and sends it, once; a crash in between sends another one, and the one before
 * is worth nothing.
 */
export function challenge(
  context: NodeContext,
  plan: ChallengePlan,
  number: number,
): Promise<Challenge> {
  return context.substep(`challenge_${number}`, { effect: "idempotent" }, async (inner) => {
    const at = inner.now();
    const until = at + plan.expires_minutes * 60_000;
    if (!(await inner.admitAttempt("challenge", plan.to))) {
      return { digest: "", at, until, isRefused: true };
    }
    const proof = plan.method === "code" ? randomCode(plan.code_length) : randomToken();
    const minutes = `It works once, for ${plan.expires_minutes} minutes.`;
    const delivery: Delivery =
      plan.method === "code"
        ? {
            to: plan.to,
            subject: `Your code for ${plan.service}`,
            text: `${proof} is your code for ${plan.service}. ${minutes} Give it to nobody.`,
            code: proof,
          }
        : linkDelivery(plan, await inner.createLink("verify", until, proof), minutes);
    await deliver(inner, plan, delivery, number);
    return { digest: await inner.digest(proof), at, until };
  });
}

function linkDelivery({ to, service }: ChallengePlan, link: string, minutes: string): Delivery {
  const text = `Sign in to ${service}: ${link}\n${minutes} You did not ask for it? Then do nothing.`;
  return { to, subject: `Sign in to ${service}`, text, link };
}

async function deliver(
  context: NodeContext,
  { deliver: settings }: ChallengePlan,
  delivery: Delivery,
  number: number,
): Promise<void> {
  const provider = providerOf(settings);
  const { url, init } = provider.toRequest(settings, delivery, {
    secret: (name) => context.secret(name),
    // Another attempt carries another code, so it must not be dropped as a repetition.
    idempotencyKey: `${context.step.idempotencyKey}-${number}-${context.now()}`,
    now: context.now(),
  });
  const response = await context.fetch(url, init);
  const body = await readBody(response);
  const problem = response.ok ? provider.problem?.(body) : undefined;
  if (response.ok && problem === undefined) return;
  if (!response.ok) throw unexpectedAnswer(provider.name, response, "(not shown)", context.now());
  throw new UpstreamError("auth.not-sent", `${provider.name} did not send: ${problem}`, {
    fix: "Check the credential, the template and the address.",
  });
}

/** Whether this is what was sent; the comparison takes the same time for every wrong one. */
export async function proves(
  context: NodeContext,
  { digest }: Challenge,
  proof: string,
): Promise<boolean> {
  const given = Buffer.from(await context.digest(proof.replaceAll(/\s/g, "")));
  const known = Buffer.from(digest);
  return given.length === known.length && timingSafeEqual(given, known);
}

/** Digits, every one as likely as another: numbers that would favour some are drawn again. */
function randomCode(length: number): string {
  const most = 10 ** length;
  const fair = Math.floor(2 ** 32 / most) * most;
  for (;;) {
    const [number = fair] = crypto.getRandomValues(new Uint32Array(1));
    if (number < fair) return String(number % most).padStart(length, "0");
  }
}

function randomToken(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
}
