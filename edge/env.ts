import { ConfigurationError } from "#blueprints/error";
import type { Conversation } from "#edge/bots/conversation";
import type { Workspace } from "#edge/gateway/workspace";
import type { Schedule } from "#edge/triggers/schedule";
import type { RunShard } from "#edge/workflow/run-shard";

/** Everything the Worker is bound to; `wrangler.toml` declares it, `edge/local` fills it in. */
export interface Env {
  readonly WORKSPACE: DurableObjectNamespace<Workspace>;
  readonly RUN: DurableObjectNamespace<RunShard>;
  readonly SCHEDULE: DurableObjectNamespace<Schedule>;
  readonly CONVERSATION: DurableObjectNamespace<Conversation>;
  readonly DB: D1Database;
  readonly OAUTH_KV: KVNamespace;
  readonly ACCOUNT_LIMIT: RateLimit;
  readonly PUBLIC_LIMIT: RateLimit;
  /** Isolates in this process: on Cloudflare, and in tests. */
  readonly LOADER?: WorkerLoader;
  /** Isolates in a supervised process of their own: on one machine. Preferred where bound. */
  readonly SANDBOX?: Fetcher;
  /** Shared with the sandbox process only; proves that an egress request comes from it. */
  readonly SANDBOX_KEY?: string;
  /** Reaches public addresses only, whatever a name resolves to: on one machine. */
  readonly PUBLIC_NETWORK?: Fetcher;
  /**
   * Reaches private addresses too, for what the operator opened: on one machine, where the global
   * `fetch` goes through one more Worker, which costs as much as the rest of a call.
   */
  readonly OPENED_NETWORK?: Fetcher;
  /** `{"current":"k1","keys":{"k1":"<base64, 32 bytes>"}}`. */
  readonly AEROSTACK_MASTER_KEYS: string;
  /** SHA-256 (hex) of the first account's key; the account is made at the first request. */
  readonly AEROSTACK_FIRST_KEY_HASH?: string;
  /** Name of the first account, the owner of its `@name/...` slugs; `operator` where absent. */
  readonly AEROSTACK_FIRST_ACCOUNT?: string;
  /** Public base URL without a trailing slash; absent: the request's own origin. */
  readonly AEROSTACK_URL?: string;
  /** Comma-separated `host:port` patterns of private addresses that may be reached. */
  readonly AEROSTACK_ALLOW_HOSTS?: string;
  readonly ANTHROPIC_API_KEY?: string;
  readonly OPENAI_API_KEY?: string;
  readonly GOOGLE_GENERATIVE_AI_API_KEY?: string;
  readonly GROQ_API_KEY?: string;
  /** Any OpenAI-compatible server, with its model: `http://127.0.0.1:11434/v1`. */
  readonly OPENAI_COMPATIBLE_URL?: string;
  readonly OPENAI_COMPATIBLE_KEY?: string;
  /** A collector for the traces and metrics of all workspaces: base URL of OTLP over HTTP. */
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string;
  /** `key=value` pairs with commas between them. */
  readonly OTEL_EXPORTER_OTLP_HEADERS?: string;
  /** `provider:model` that the planner uses; absent: the embedded planner. */
  readonly AEROSTACK_MODEL?: string;
}

/** The public base URL, for links that leave the platform. */
export function baseUrl(env: Env, request: Request): string {
  return env.AEROSTACK_URL ?? new URL(request.url).origin;
}

/** Fails with a sentence when a deployment forgot its master keys. */
export function masterKeys(env: Env): string {
  if (env.AEROSTACK_MASTER_KEYS) return env.AEROSTACK_MASTER_KEYS;
  throw new ConfigurationError("platform.no-master-keys", "AEROSTACK_MASTER_KEYS is not set.", {
    fix: "Set it with `wrangler secret put AEROSTACK_MASTER_KEYS`; `npm start` makes one by itself.",
  });
}
