import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect } from "vitest";
import { type RunningServer, type ServerOptions, startServer } from "#edge/local/server";

/** The product in processes of its own, on a data folder of its own, which a test may kill. */
export class LocalServer {
  readonly #options: ServerOptions;
  #running: RunningServer;

  private constructor(options: ServerOptions, running: RunningServer) {
    this.#options = options;
    this.#running = running;
  }

  /**
   * It may reach this machine's own ports. `env`: more of its settings; `standIn`: `host:port` of what
   * answers in the place of all public servers.
   */
  static async start(
    env: Readonly<Record<string, string>> = {},
    standIn?: string,
  ): Promise<LocalServer> {
    const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-test-"));
    const more = standIn === undefined ? {} : { standIn };
    const options = { dataFolder, allowHosts: "127.0.0.1:*", env, ...more };
    return new LocalServer(options, await startServer(options));
  }

  /** Without a trailing slash; another one after a restart. */
  get url(): string {
    return this.#running.url;
  }

  /** What its first account sends. */
  get headers(): { authorization: string } {
    return { authorization: `Bearer ${this.#running.accountKey}` };
  }

  /** SIGKILL to the platform's process; it is started again on the same data. */
  async kill(): Promise<void> {
    process.kill(this.#running.platformPid, "SIGKILL");
    await this.#running.stop();
    this.#running = await startServer(this.#options);
  }

  /** As an agent calls an MCP tool; fails the test where the tool fails. */
  async tool(name: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    const agent = new Client({ name: "agent", version: "1" });
    const requestInit = { headers: this.headers };
    const url = new URL(`${this.url}/mcp`);
    await agent.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    const result = await agent.callTool({ name, arguments: input });
    await agent.close();
    expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
    return result.structuredContent as Record<string, unknown>;
  }

  /** Makes a blueprint live in a workspace; answers the addresses of what was deployed. */
  async deploy(blueprint: object, workspace: string): Promise<string[]> {
    const { resources } = await this.tool("create", { blueprint, workspace });
    const ids = (resources as { id: string }[]).map(({ id }) => id);
    const deployed = await this.tool("deploy", { resources: ids });
    const live = deployed["resources"] as { urls?: Record<string, string> }[];
    return live.flatMap(({ urls }) => Object.values(urls ?? {}));
  }

  /** The trace of a run. */
  async run<Trace = Record<string, unknown>>(id: string): Promise<Trace> {
    const response = await fetch(`${this.url}/runs/${id}`, { headers: this.headers });
    return response.json<Trace>();
  }

  async stop(): Promise<void> {
    await this.#running.stop();
    await rm(this.#options.dataFolder, { recursive: true, force: true });
  }
}

/** A service of the world on this machine. */
export interface Service {
  /** `127.0.0.1:port`. */
  readonly host: string;
  stop(): void;
}

export async function startService(answer: RequestListener): Promise<Service> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
