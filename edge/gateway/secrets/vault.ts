import { eq } from "drizzle-orm";
import type { SecretDeclaration } from "#blueprints/blueprint";
import { InputError } from "#blueprints/error";
import { secrets } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { SecretState } from "#edge/gateway/workspace-api";
import { type DataKey, type DataKeyPlace, openDataKey } from "./data-key.ts";
import { isBoundTo } from "./host-binding.ts";
import { type Keyring, seal, unseal } from "./keyring.ts";
import { Redactor } from "./redaction.ts";
import { bindingError, missing, requestChanged } from "./refusals.ts";
import { forgetRetired, listRetired, type RetiredRow, retire } from "./retired.ts";
import { rotateDataKey } from "./rotate-data-key.ts";
import { maximumValueBytes, minimumValueLength } from "./value-limits.ts";

type Row = typeof secrets.$inferSelect;
type Asked = Pick<SecretState, "kind" | "hosts">;

interface VaultPlace {
  readonly database: WorkspaceDatabase;
  keyring(): Keyring;
  workspaceId(): string;
  now(): number;
}

/**
 * The secrets of one workspace. Values are decrypted at first use and kept in the object's memory
 * only; they leave through `release...`, towards hosts that they are bound to.
 */
export class Vault {
  readonly #place: VaultPlace;
  readonly #values = new Map<string, string>();
  /** Rows as they are stored: every call asks for one, and this object is their only writer. */
  readonly #rows = new Map<string, Row>();
  /** Deleted values: an upstream may still echo them. */
  readonly #deleted = new Set<string>();
  #dataKey: Promise<DataKey> | undefined;
  /** Until the object is evicted: who read a row just before a rotation opens it with these. */
  readonly #formerKeys = new Map<string, DataKey>();
  #writing: Promise<unknown> = Promise.resolve();
  #redactor: Promise<Redactor> | undefined;

  constructor(place: VaultPlace) {
    this.#place = place;
  }

  /**
   * Adds or updates what is known about a secret. A stored value stays, except where it would become
   * something else than the person who entered it was shown: of another kind, or sent to several
   * hosts where none was named. Then it is missing again, and a person decides anew. A value that was
   * entered while no host was named is bound once, to the first host that is; the page says so.
   */
  declare(declaration: SecretDeclaration): void {
    const { name, purpose, kind, hosts } = declaration;
    const known = this.#row(name);
    // A value must not become readable by other hosts because somebody declared its name again.
    if (known?.ciphertext && known.hosts.length > 0) {
      const added = hosts.find((host) => !isBoundTo(known.hosts, host));
      if (added) throw bindingError(name, added);
    }
    const differs = known && (kind !== known.kind || (hosts.length > 1 && !known.hosts.length));
    if (known?.ciphertext && differs) this.#drop(known);
    const keepsHosts = known?.ciphertext && !differs && hosts.length === 0;
    const set = { purpose, kind, hosts: keepsHosts ? known.hosts : hosts };
    this.#place.database
      .insert(secrets)
      .values({ name, ...set, version: 0 })
      .onConflictDoUpdate({ target: secrets.name, set })
      .run();
    this.#rows.delete(name);
  }

  /**
   * Lets `host` receive the secret; only while it is bound to no host yet.
   */
  bind(name: string, host: string): void {
    const row = this.#row(name);
    if (!row) {
      const purpose = `Credential for ${host}.`;
      return this.declare({ name, purpose, kind: "token", hosts: [host] });
    }
    if (row.hosts.length === 0) return this.declare({ ...row, hosts: [host] });
    if (!isBoundTo(row.hosts, host)) throw bindingError(name, host);
  }

  #drop(row: Row): void {
    retire(this.#place.database, row);
    this.#place.database
      .update(secrets)
      .set({ ciphertext: null, iv: null, dataKeyId: null })
      .where(eq(secrets.name, row.name))
      .run();
    this.#forget(row.name);
  }

  /**
   * One after the other, so that two values entered at once get two versions. `asked` is what the
   * person was shown; where that is not so any more, throws `secret.request-changed`.
   */
  put(name: string, value: string, asked?: Asked): Promise<{ version: number }> {
    const done = this.#writing.then(() => this.#put(name, value, asked));
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #put(name: string, value: string, asked?: Asked): Promise<{ version: number }> {
    const row = this.#row(name);
    const bytes = new Uint8Array(new TextEncoder().encode(value));
    if (value.length < minimumValueLength || bytes.length > maximumValueBytes) {
      throw new InputError("secret.size", `The value of ${name} is too short or too long.`, {
        fix: `Enter at least ${minimumValueLength} characters and at most ${maximumValueBytes} bytes.`,
      });
    }
    const hosts = row?.kind === "url" ? [hostOf(name, value)] : (row?.hosts ?? []);
    const key = await this.#key();
    const version = (row?.version ?? 0) + 1;
    const sealed = await seal(key.key, bytes, this.#context(name, version, key.id));
    const values = {
      version,
      hosts,
      dataKeyId: key.id,
      iv: Buffer.from(sealed.iv),
      ciphertext: Buffer.from(sealed.ciphertext),
      updatedAt: this.#place.now(),
    };
    const before = this.#row(name);
    // Here and not earlier: nothing can come between this and the write.
    if (!isAsked(before, asked ?? row)) throw requestChanged();
    if (before) retire(this.#place.database, before);
    this.#place.database
      .insert(secrets)
      .values({ name, purpose: "", kind: "token", ...values })
      .onConflictDoUpdate({ target: secrets.name, set: values })
      .run();
    this.#forget(name);
    this.#values.set(name, value);
    return { version };
  }

  /** A new data key, and every value encrypted anew under it; calls go on meanwhile. */
  rotateDataKey(): Promise<{ secrets: number }> {
    const done = this.#writing.then(async () => {
      const old = await this.#key();
      return rotateDataKey(this.#keyPlace(), old, (dataKey) => {
        this.#formerKeys.set(old.id, old);
        this.#dataKey = Promise.resolve(dataKey);
        this.#rows.clear();
      });
    });
    this.#writing = done.catch(() => undefined);
    return done;
  }

  /** Forgets the value, and the declaration with it. */
  async delete(name: string): Promise<void> {
    if (this.#row(name)?.ciphertext) await this.#value(name).catch(() => undefined);
    const value = this.#values.get(name);
    if (value !== undefined) this.#deleted.add(value);
    this.#place.database.delete(secrets).where(eq(secrets.name, name)).run();
    forgetRetired(this.#place.database, name);
    this.#forget(name);
  }

  list(): SecretState[] {
    return this.#place.database.select().from(secrets).orderBy(secrets.name).all().map(toState);
  }

  has(name: string): boolean {
    return Boolean(this.#row(name)?.ciphertext);
  }

  /** Values by name for one host (`URL.host`); throws `secret.missing`, `secret.host-not-allowed`. */
  async release(names: readonly string[], host: string): Promise<Record<string, string>> {
    const released: Record<string, string> = {};
    for (const name of names) {
      const row = this.#row(name);
      if (!row?.ciphertext) throw missing(name);
      if (!isBoundTo(row.hosts, host)) throw bindingError(name, host);
      released[name] = await this.#value(name);
    }
    return released;
  }

  async releaseUrl(name: string): Promise<string> {
    const row = this.#row(name);
    if (!row?.ciphertext) throw missing(name);
    if (row.kind !== "url") {
      throw new InputError("secret.not-a-url", `The secret ${name} is not a whole URL.`, {
        fix: 'Declare it with kind "url", or send it in a header.',
      });
    }
    return await this.#value(name);
  }

  /** To check a signature with; it is compared here and sent nowhere. Throws `secret.missing`. */
  async signingSecret(name: string): Promise<string> {
    return await this.#value(name);
  }

  /** Over all values that this workspace holds. */
  redactor(): Promise<Redactor> {
    this.#redactor ??= this.#createRedactor();
    return this.#redactor;
  }

  async #createRedactor(): Promise<Redactor> {
    const names = this.list().filter((one) => one.state === "set");
    const former = listRetired(this.#place.database);
    const opening = [
      ...names.map(({ name }) => this.#value(name)),
      ...former.map((row) => this.#open(row)),
    ];
    // One that cannot be decrypted any more was never sent and cannot be echoed.
    const values = await Promise.all(opening.map((value) => value.catch(() => undefined)));
    return new Redactor([...values.filter((value) => value !== undefined), ...this.#deleted]);
  }

  async #value(name: string): Promise<string> {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const row = this.#row(name);
    if (!row?.ciphertext || !row.iv || !row.dataKeyId) throw missing(name);
    const { version, dataKeyId, iv, ciphertext } = row;
    const value = await this.#open({ name, version, dataKeyId, iv, ciphertext });
    const now = this.#row(name);
    if (now?.ciphertext && now.version === version) this.#values.set(name, value);
    return value;
  }

  async #open(row: RetiredRow): Promise<string> {
    const { name, version, dataKeyId } = row;
    const current = await this.#key();
    const key = this.#formerKeys.get(dataKeyId) ?? current;
    const sealed = { iv: new Uint8Array(row.iv), ciphertext: new Uint8Array(row.ciphertext) };
    const plain = await unseal(key.key, sealed, this.#context(name, version, dataKeyId));
    return new TextDecoder().decode(plain);
  }

  #forget(name: string): void {
    this.#rows.delete(name);
    this.#values.delete(name);
    this.#redactor = undefined;
  }

  #row(name: string): Row | undefined {
    const known = this.#rows.get(name);
    if (known) return known;
    const row = this.#place.database.select().from(secrets).where(eq(secrets.name, name)).get();
    if (row) this.#rows.set(name, row);
    return row;
  }

  #context(name: string, version: number, keyId: string): (string | number)[] {
    return ["secret", this.#place.workspaceId(), name, version, keyId];
  }

  async #key(): Promise<DataKey> {
    this.#dataKey ??= openDataKey(this.#keyPlace());
    try {
      return await this.#dataKey;
    } catch (error) {
      this.#dataKey = undefined;
      throw error;
    }
  }

  #keyPlace(): DataKeyPlace {
    const { database } = this.#place;
    const workspaceId = this.#place.workspaceId();
    return { database, keyring: this.#place.keyring(), workspaceId, now: () => this.#place.now() };
  }
}

function toState(row: Row): SecretState {
  return {
    name: row.name,
    purpose: row.purpose,
    kind: row.kind,
    hosts: row.hosts,
    state: row.ciphertext ? "set" : "missing",
    version: row.version,
    ...(row.updatedAt === null ? {} : { updatedAt: row.updatedAt }),
  };
}

function hostOf(name: string, value: string): string {
  const url = URL.parse(value);
  if (url && /^https?:$/.test(url.protocol) && !url.username) return url.host;
  throw new InputError("secret.not-a-url", `The value of ${name} is not an http(s) URL.`, {
    fix: "Enter the whole URL, starting with https://.",
  });
}

function isAsked(row: Row | undefined, asked: Asked | undefined): boolean {
  if (!row || !asked) return row === asked;
  return row.kind === asked.kind && JSON.stringify(row.hosts) === JSON.stringify(asked.hosts);
}
