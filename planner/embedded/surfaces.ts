import { botSecrets } from "../vocabulary/bot-secrets.ts";
import { type Build, needSecret, secretName } from "./graph.ts";
import { decide } from "./services.ts";
import { meansAnotherZone, readTimeZone } from "./time-zone.ts";
import type { Understanding } from "./understand.ts";

const platforms = ["slack", "discord", "telegram", "whatsapp"] as const;
const signed: Readonly<Record<string, "stripe" | "github">> = {
  stripe: "stripe",
  github: "github",
};

const bySystem: ReadonlySet<string> = new Set(["api_key", "signature", "jwt", "basic"]);

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Makes a workflow reachable in every way that the intent asks for. */
export function addSurfaces(build: Build, known: Understanding, workflow: string): void {
  const { surfaces, callerAuth } = known;
  if (surfaces.has("endpoint")) {
    const open =
      /\b(?:public|without (?:a )?(?:login|authentication|token)|anyone can|no auth)\b/i.test(
        known.english,
      );
    build.endpoints.push({
      name: workflow,
      workflow,
      description: known.text.slice(0, 300),
      auth: open && callerAuth.length === 0 ? "public" : "token",
    });
  }
  if (surfaces.has("webhook")) addWebhook(build, known, workflow);
  if (surfaces.has("schedule")) {
    const cron = known.recurrence?.cron ?? "0 9 * * *";
    const timezone = readTimeZone(known.text);
    build.schedules.push({ name: workflow, workflow, cron, timezone: timezone ?? "UTC" });
    if (!timezone)
      decide(build, "timezone", `Time zone of "${known.recurrence?.words ?? cron}".`, "UTC");
    if (known.recurrence?.inexact)
      build.warnings.push(
        `The schedule runs ${lowerFirst(known.recurrence.words)}, not quite as it was said; ${known.recurrence.inexact}.`,
      );
    if (meansAnotherZone(known.text))
      build.warnings.push(
        "The intent speaks of a time zone that was not recognised: UTC is assumed. Answer `timezone` with an IANA name.",
      );
  }
  if (surfaces.has("bot")) {
    const named = known.mentions.map(({ integration }) => integration.id);
    const on = platforms.filter((platform) => named.includes(platform));
    for (const platform of on)
      for (const { name, purpose, host } of botSecrets[platform] ?? [])
        needSecret(build, name, purpose, host === undefined ? {} : { host });
    build.bots.push({
      name: workflow,
      workflow,
      platforms: on,
      description: known.text.slice(0, 300),
      instructions: `Job: ${known.text}`,
    });
  }
  addCallerAuth(build, known);
}

function addWebhook(build: Build, known: Understanding, workflow: string): void {
  const source = known.mentions.find(({ integration }) => signed[integration.id])?.integration;
  const sender = source
    ? signed[source.id]
    : known.callerAuth.includes("signature")
      ? "hmac"
      : "token";
  const secret =
    sender && sender !== "token"
      ? needSecret(
          build,
          secretName(source?.id ?? "webhook", "SIGNING_SECRET"),
          `Signing secret of the ${source?.name ?? "sender's"} webhook.`,
        )
      : undefined;
  build.webhooks.push({
    name: workflow,
    workflow,
    sender: sender ?? "token",
    ...(secret ? { secret } : {}),
  });
}

/** How callers prove who they are; what the platform does by itself, and what has to be added. */
export function addCallerAuth(build: Build, known: Understanding): void {
  const kinds = known.callerAuth;
  if (kinds.length === 0) return;
  const isBuilt = signsIn(build);
  const proof = known.signIn?.method === "magic_link" ? "magic_link" : "otp";
  build.decisions.push({
    id: "caller_auth",
    text: "How callers prove who they are.",
    chosen: isBuilt ? proof : whoIsLetIn(build, kinds),
    options: ["workspace token", "signature", "otp", "magic_link", "login"],
  });
  if (lacksSignIn(build, known)) {
    const open = build.bots.length > 0;
    build.warnings.push(
      `${whyNoSignIn(build, kinds)}; until it is, ${open ? "whoever writes to the bot is answered" : "only callers with a workspace token or the webhook's secret are let in"}.`,
    );
    if (
      build.endpoints.length === 0 &&
      build.workflows.length > 0 &&
      !known.surfaces.has("bot") &&
      !known.surfaces.has("webhook")
    ) {
      build.warnings.push("Nothing is reachable from outside yet.");
    }
  }
}

/** A step of the plan lets only those on who prove an address. */
function signsIn({ workflows }: Build): boolean {
  return workflows.some(({ nodes }) => nodes.some(({ type }) => type === "auth_gate"));
}

/** People are to sign in, and no step lets only them on. */
export function lacksSignIn(build: Build, { callerAuth }: Understanding): boolean {
  return (
    callerAuth.length > 0 && !callerAuth.every((kind) => bySystem.has(kind)) && !signsIn(build)
  );
}

/** What the platform asks for by itself. */
function whoIsLetIn({ bots, webhooks }: Build, kinds: readonly string[]): string {
  if (kinds.includes("signature")) return "signature";
  if (bots.length > 0) return "nobody is asked";
  return webhooks.length > 0 ? "webhook secret" : "workspace token";
}

function whyNoSignIn({ catalogue }: Build, kinds: readonly string[]): string {
  const said = kinds.join(", ");
  if (!Object.hasOwn(catalogue, "auth_gate"))
    return `This server has no step that checks a person's identity (${said})`;
  return `The sign-in that the intent asks for (${said}) is not planned, since people sign in by a code or link that goes to them by e-mail or SMS, at an endpoint or in a bot`;
}
