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
  const bySystem = kinds.every((kind) => ["api_key", "signature", "jwt", "basic"].includes(kind));
  build.decisions.push({
    id: "caller_auth",
    text: "How callers prove who they are.",
    chosen: bySystem
      ? kinds.includes("signature")
        ? "signature"
        : "workspace token"
      : (kinds[0] ?? "login"),
    options: ["workspace token", "signature", "otp", "magic_link", "login"],
  });
  if (!bySystem && build.catalogue["auth_gate"] === undefined) {
    build.warnings.push(
      `This server has no step that checks a person's identity (${kinds.join(", ")}): until it has, only callers with a workspace token are let in.`,
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
