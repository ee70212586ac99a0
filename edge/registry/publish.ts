import semver from "semver";
import { ConfigurationError, InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { findResources, loadCandidate } from "#edge/deploy/candidates";
import { once } from "#edge/deploy/idempotency";
import { openPlace, type Place } from "#edge/deploy/place";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import { adapt } from "./adapters.ts";
import type { PublishAnswer } from "./answers.ts";
import { entryFrom } from "./entry-from.ts";
import type { EntryDefinition, Visibility } from "./entry.ts";
import { entryIntegrity } from "./resolve.ts";
import { storeEntry } from "./store-entry.ts";

export interface PublishRequest {
  /** Id of a live function, skill or MCP server. */
  readonly resource: string;
  /** `@name/entry`, under the account's own name. */
  readonly slug: string;
  /** Semantic version, exact. */
  readonly version: string;
  /** Markdown. */
  readonly readme?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Default public. */
  readonly visibility?: Visibility | undefined;
  readonly idempotencyKey?: string | undefined;
}

const maxReadmeBytes = 100_000;
const slugPattern = /^@([a-z0-9][a-z0-9-]{0,38})\/[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Shares the live version of a resource, for ever: a version that is published never changes.
 * Throws `registry.not-owner`, `registry.bad-version`, `registry.version-exists` (409),
 * `registry.lookalike` (409), `registry.not-live`, `registry.no-description`,
 * `registry.contains-secret` and others.
 */
export async function publish(
  services: Services,
  actor: AccountActor,
  { idempotencyKey, ...request }: PublishRequest,
): Promise<PublishAnswer> {
  const call = { tool: "publish", key: idempotencyKey, request };
  return once(services, actor, call, () => publishOnce(services, actor, request));
}

async function publishOnce(
  services: Services,
  actor: AccountActor,
  request: Omit<PublishRequest, "idempotencyKey">,
): Promise<PublishAnswer> {
  const { slug, version, readme = "", visibility = "public" } = request;
  checkSlug(slug, actor);
  checkVersion(version);
  const tags = checkTags(request.tags ?? []);
  const bytes = new TextEncoder().encode(readme).length;
  if (bytes > maxReadmeBytes) throw tooLarge("readme", bytes, maxReadmeBytes);
  const [row] = await findResources(services, actor, [request.resource]);
  if (!row || row.liveVersion === null) throw notLive(row?.name ?? request.resource);
  const candidate = await loadCandidate(services, row, row.liveVersion);
  const place = await openPlace(services, actor, row.workspaceId);
  const { definition, compiled } = await entryFrom(services, actor, place, candidate);
  await refuseSecrets(place, definition, readme);
  const adapters = adapt(definition);
  const integrity = await entryIntegrity({ slug, version, definition, compiled });
  const description = definition.description;
  const stored = { slug, version, description, readme, tags, adapters, integrity, definition };
  const similarTo = await storeEntry(services, actor, {
    ...stored,
    visibility,
    ...(compiled ? { compiled } : {}),
  });
  const url = `${services.baseUrl}/registry/${slug}/${version}`;
  return {
    slug,
    version,
    integrity,
    visibility,
    adapters: Object.fromEntries(
      Object.keys(adapters).map((dialect) => [dialect, `${url}/adapters/${dialect}.json`]),
    ),
    install: `${slug}@${version}`,
    url,
    ...(similarTo.length > 0 ? { similarTo } : {}),
  };
}

/** Throws `registry.bad-slug`, `registry.not-owner`. */
export function checkSlug(slug: string, actor: AccountActor): void {
  const owner = slugPattern.exec(slug)?.[1];
  if (owner === undefined) {
    throw new InputError("registry.bad-slug", `"${slug}" is not a marketplace slug.`, {
      fix: `Write it as @${actor.name}/name, lower case letters, digits and -.`,
    });
  }
  if (owner === actor.name) return;
  throw new InputError("registry.not-owner", `"@${owner}" is not the name of your account.`, {
    fix: `Publish it under @${actor.name}/...`,
    status: 403,
  });
}

function checkVersion(version: string): void {
  // `valid` also accepts "v1.0.0" and drops build metadata; only the plain form names a version.
  if (semver.valid(version) === version) return;
  throw new InputError("registry.bad-version", `"${version}" is not a semantic version.`, {
    fix: "Write it as 1.2.3, without build metadata; begin with 1.0.0.",
  });
}

function checkTags(tags: readonly string[]): string[] {
  const bad = tags.find((tag) => !/^[a-z0-9][a-z0-9-]{0,29}$/.test(tag));
  if (bad === undefined && tags.length <= 12) return [...new Set(tags)];
  const what = bad === undefined ? `${tags.length} tags are too many.` : `"${bad}" is not a tag.`;
  throw new InputError("registry.bad-tags", what, {
    fix: "Give at most 12, each of up to 30 lower case letters, digits and -.",
  });
}

/** Secrets have names in an entry, never values; the workspace knows its own. */
async function refuseSecrets(
  place: Place,
  definition: EntryDefinition,
  readme: string,
): Promise<void> {
  const text = `${JSON.stringify(definition)}\n${"code" in definition ? definition.code : ""}\n${readme}`;
  if (unwrap(await place.stub.redact(text)) === text) return;
  throw new InputError(
    "registry.contains-secret",
    "The code, settings or readme hold the value of a secret of the workspace.",
    { fix: "Take the value out; read it from `context.secrets` instead." },
  );
}

function notLive(name: string): ConfigurationError {
  return new ConfigurationError("registry.not-live", `"${name}" is not live.`, {
    fix: "Deploy it first: only what passed its tests is published.",
  });
}

function tooLarge(what: string, bytes: number, most: number): InputError {
  return new InputError("registry.too-large", `The ${what} has ${bytes} bytes; at most ${most}.`, {
    fix: `Shorten the ${what}.`,
    status: 413,
  });
}
