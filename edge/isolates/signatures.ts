import { createHash, createHmac } from "node:crypto";
import { z } from "zod";
import { InputError } from "#blueprints/error";
import { standardWebhook } from "#edge/standard-webhooks";

/**
 * How the egress signs a request on its last step, so that the key is seen by nobody else: a handle
 * stands for each secret. `basic` is RFC 7617, `aws4` is Signature Version 4 over a request without
 * a query, https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html;
 * `standard-webhooks` signs the message `id`, the time and the body, https://www.standardwebhooks.com.
 */
const signing = z.discriminatedUnion("scheme", [
  z.strictObject({ scheme: z.literal("basic"), user: z.string(), key: z.string() }),
  z.strictObject({
    scheme: z.literal("aws4"),
    user: z.string(),
    key: z.string(),
    region: z.string(),
    service: z.string(),
  }),
  z.strictObject({ scheme: z.literal("standard-webhooks"), id: z.string(), key: z.string() }),
]);
export type Signing = z.infer<typeof signing>;

/** Never leaves: the egress takes it out. */
export const signingHeader = "aerostack-sign";

export function signHeader(wanted: Signing): Record<string, string> {
  return { [signingHeader]: JSON.stringify(wanted) };
}

interface Signed {
  readonly url: string;
  readonly method: string;
  readonly body: Uint8Array | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The headers that replace the wish. `value` puts the secrets in.
 * @throws InputError `egress.bad-signing`; ConfigurationError `webhook.bad-secret`
 */
export function signatureHeaders(
  wish: string,
  request: Signed,
  value: (text: string) => string,
): Record<string, string> {
  const wanted = readWish(wish);
  const key = value(wanted.key);
  if (wanted.scheme === "standard-webhooks") return signWebhook(request, { ...wanted, key });
  const user = value(wanted.user);
  if (wanted.scheme === "aws4") return signAws(request, { ...wanted, user, key });
  return { authorization: `Basic ${Buffer.from(`${user}:${key}`).toString("base64")}` };
}

function readWish(wish: string): Signing {
  try {
    return signing.parse(JSON.parse(wish));
  } catch {
    throw new InputError("egress.bad-signing", `The header ${signingHeader} cannot be read.`, {
      fix: "Leave it to the nodes that sign their requests.",
    });
  }
}

function signAws(
  { url, method, body, now }: Signed,
  { user, key, region, service }: Signing & { scheme: "aws4" },
): Record<string, string> {
  const { host, pathname } = new URL(url);
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const day = stamp.slice(0, 8);
  const bodyHash = sha256(body ?? "");
  const names = "host;x-amz-content-sha256;x-amz-date";
  const canonical = [
    method,
    pathname,
    "",
    `host:${host}`,
    `x-amz-content-sha256:${bodyHash}`,
    `x-amz-date:${stamp}`,
    "",
    names,
    bodyHash,
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical)].join("\n");
  const signingKey = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (before, part) => createHmac("sha256", before).update(part).digest(),
    `AWS4${key}`,
  );
  const signature = createHmac("sha256", signingKey).update(toSign).digest("hex");
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${user}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    "x-amz-content-sha256": bodyHash,
    "x-amz-date": stamp,
  };
}

function signWebhook(
  { body, now }: Signed,
  { id, key }: Signing & { scheme: "standard-webhooks" },
): Record<string, string> {
  const text = new TextDecoder().decode(body);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": standardWebhook(key).sign(id, new Date(now), text),
  };
}

function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}
