import type { McpHttpHandler } from "@modelcontextprotocol/server";
import { openWorkspaceDatabase, type WorkspaceDatabase } from "#edge/db/workspace-database";
import { type Env, masterKeys } from "#edge/env";
import { measureCall, spansOfCall } from "#edge/observe/otlp/calls";
import type { Exporter } from "#edge/observe/otlp/exporter";
import { Connections } from "./connections/connections.ts";
import { inviteWith } from "./connections/invite.ts";
import { Captures } from "./captures.ts";
import { Deadlines } from "#edge/deadlines";
import { Catalogue } from "./catalogue.ts";
import { Identity } from "./identity.ts";
import { Links } from "./links.ts";
import { LiveItems } from "./live.ts";
import { CallLog } from "./log.ts";
import { Offers } from "./offers.ts";
import { CodeRuns } from "./modes/code-runs.ts";
import { ToolSearch } from "./modes/tool-search.ts";
import { Attempts } from "./policy/attempts.ts";
import { Admission } from "./policy/admission.ts";
import { Policies } from "./policy/policies.ts";
import { TokenLimits } from "./policy/token-limits.ts";
import type { ProtocolRoom } from "./protocol/answer.ts";
import { ParkedCalls } from "./protocol/parked-calls.ts";
import { RequestStates } from "./protocol/request-states.ts";
import { Questions } from "./protocol/questions.ts";
import { OpenStreams } from "./protocol/open-streams.ts";
import { createSdkHandler } from "./protocol/sdk-server.ts";
import { type Keyring, parseKeyring } from "./secrets/keyring.ts";
import { Vault } from "./secrets/vault.ts";
import { Runs } from "./runs.ts";
import { Settings } from "./settings.ts";
import { createExporter } from "./telemetry.ts";
import { Tokens } from "./tokens.ts";

/** Everything that a `Workspace` object consists of, connected. */
export interface Room extends ProtocolRoom {
  readonly database: WorkspaceDatabase;
  readonly tokens: Tokens;
  readonly limits: TokenLimits;
  readonly policies: Policies;
  readonly attempts: Attempts;
  readonly connections: Connections;
  readonly runs: Runs;
  readonly exporter: Exporter;
  readonly identityStore: Identity;
  readonly sdk: McpHttpHandler;
  /** Tells everybody that tools, resources or prompts are others now. */
  readonly changed: () => void;
}

type Later = (work: () => void, delayMs: number) => void;

/** `later` runs work after a delay in which the object may have answered already. */
export function createRoom(storage: DurableObjectStorage, env: Env, later: Later): Room {
  const stored = createStored(openWorkspaceDatabase(storage), env, later);
  const { keyring, ...rest } = stored;
  const { database, vault, live, limits, policies, identity, now } = rest;
  const workspaceId = () => identity().id;
  const deadlines = new Deadlines(now);
  const connections = new Connections({
    database,
    vault,
    env,
    workspaceId,
    now,
    link: (alias) => links.definition(alias),
    invite: inviteWith({ env, now, identity }),
  });
  const links = new Links({
    connections,
    deadlines,
    database,
    vault,
    env,
    workspaceId,
    now,
    hosted: (name) => live.get("mcp", name)?.definition,
    releaseSecret: async (name, host) => (await vault.release([name], host))[name] ?? "",
    changed: () => changed(),
  });
  const catalogue = new Catalogue({ links, live });
  const room: ProtocolRoom & Omit<Room, "sdk" | "changed"> = {
    ...rest,
    connections,
    deadlines,
    links,
    catalogue,
    offers: new Offers({ links, vault, now }),
    admission: new Admission(limits, policies),
    toolSearch: new ToolSearch(catalogue, identity),
    codeRuns: new CodeRuns(),
    questions: new Questions(),
    parked: new ParkedCalls(),
    states: new RequestStates({ keyring, workspaceId, now }),
    streams: new OpenStreams(),
  };
  const sdk = createSdkHandler(room);
  const changed = () => announceChange({ ...room, sdk });
  return { ...room, sdk, changed };
}

/** The parts that need nothing but the database: each is the only writer of its tables. */
function createStored(database: WorkspaceDatabase, env: Env, later: Later) {
  const { now } = Date;
  const identityStore = new Identity(database);
  const identity = () => identityStore.get();
  const workspaceId = () => identity().id;
  let parsed: Keyring | undefined;
  const keyring = () => (parsed ??= parseKeyring(masterKeys(env)));
  const vault = new Vault({
    database,
    workspaceId,
    now,
    keyring,
  });
  const tokens = new Tokens({ database, workspaceId, now });
  const limits = new TokenLimits({ database, now });
  const settings = new Settings(database);
  const captures = new Captures(database);
  const exporter = createExporter({
    env,
    vault,
    identity,
    now,
    later,
    settings: () => settings.get(),
  });
  const log = new CallLog({
    database,
    now,
    later,
    captures,
    retention: () => settings.get(),
    withBatch: (calls) => {
      tokens.flush();
      limits.flush();
      if (exporter.isOn) exporter.add(calls.flatMap(spansOfCall), calls.flatMap(measureCall));
    },
  });
  const live = new LiveItems(database);
  const attempts = new Attempts({ database, now });
  const policies = new Policies(database);
  const runs = new Runs({ database, later });
  const kept = {
    vault,
    tokens,
    limits,
    settings,
    captures,
    log,
    live,
    policies,
    runs,
    exporter,
    attempts,
  };
  return { ...kept, env, now, database, identityStore, identity, keyring };
}

/** What was derived from the links is stale, and clients that listen are told. */
function announceChange({ catalogue, offers, sdk }: Pick<Room, "catalogue" | "offers" | "sdk">) {
  catalogue.invalidate();
  offers.invalidate();
  sdk.notify.toolsChanged();
}

/** Nothing that tokens began outlives them: calls, streams, questions, sessions. */
export function endTokens({ streams, parked, links }: Room, tokenIds: readonly string[]): void {
  parked.end(tokenIds);
  streams.end(tokenIds);
  links.endSessions(tokenIds);
}
