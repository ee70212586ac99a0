import { createHash, randomUUID } from "node:crypto";

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");

interface Code {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly user: string;
}

/**
 * An MCP server that wants OAuth, with its authorization server: the protocol over the wire, and
 * switches for what goes wrong. `user` is who is signed in in the browser.
 */
export class ProtectedServer {
  readonly resource: string;
  readonly issuer: string;
  user = "grace@upstream";
  expiresIn = 3600;
  neededScope = "read";
  /** What the metadata and the redirect claim instead of the truth. */
  claims: Record<string, unknown> = {};
  wrongIss: string | undefined;
  metadataUrl: string;
  failing: number | undefined;
  readonly asked: { path: string; form: Record<string, string> }[] = [];
  /** Whose access token each tool call came with, whether it was good or not. */
  readonly callers: string[] = [];
  readonly #issuedTo = new Map<string, string>();
  readonly #mcp: (request: Request) => Promise<Response>;
  readonly #codes = new Map<string, Code>();
  readonly #access = new Map<string, { user: string; scope: string }>();
  readonly #refresh = new Map<string, { user: string; scope: string }>();

  constructor(resource: string, issuer: string, mcp: (request: Request) => Promise<Response>) {
    this.resource = resource;
    this.issuer = issuer;
    this.#mcp = mcp;
    const { origin, pathname } = new URL(resource);
    this.metadataUrl = `${origin}/.well-known/oauth-protected-resource${pathname}`;
  }

  /** Everybody is signed out; refresh tokens stay, but for `all`. */
  forget(all = false): void {
    this.#access.clear();
    if (all) this.#refresh.clear();
  }

  /** Nothing that was ever issued to this user is good any longer. */
  signOut(user: string): void {
    for (const tokens of [this.#access, this.#refresh]) {
      for (const [token, granted] of tokens) if (granted.user === user) tokens.delete(token);
    }
  }

  count(path: string): number {
    return this.asked.filter((one) => one.path.endsWith(path)).length;
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const form =
      request.method === "POST" && !url.href.startsWith(this.resource)
        ? Object.fromEntries(new URLSearchParams(await request.clone().text()))
        : {};
    this.asked.push({ path: url.pathname, form });
    if (url.href.startsWith(this.resource)) return this.#serve(request);
    if (url.pathname.includes("oauth-protected-resource")) {
      const servers = { authorization_servers: [this.issuer], scopes_supported: ["read"] };
      return Response.json({ resource: this.resource, ...servers, ...this.claims });
    }
    if (url.pathname.includes("oauth-authorization-server")) return this.#metadata();
    if (url.pathname.endsWith("/register")) {
      const asked = await request.json<object>();
      return Response.json({ ...asked, client_id: `client-${randomUUID()}` }, { status: 201 });
    }
    if (url.pathname.endsWith("/authorize")) return this.#authorize(url);
    if (url.pathname.endsWith("/token")) return this.#token(form);
    return new Response("not found", { status: 404 });
  };

  #metadata(): Response {
    return Response.json({
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      registration_endpoint: `${this.issuer}/register`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      token_endpoint_auth_methods_supported: ["none"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      ...this.claims,
    });
  }

  async #serve(request: Request): Promise<Response> {
    const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    const access = this.#access.get(token);
    if ((await request.clone().text()).includes('"tools/call"')) {
      this.callers.push(this.#issuedTo.get(token) ?? "nobody");
    }
    const challenge = `Bearer resource_metadata="${this.metadataUrl}"`;
    if (!access) {
      return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    }
    if (!access.scope.split(" ").includes(this.neededScope)) {
      const more = `${challenge}, error="insufficient_scope", scope="read ${this.neededScope}"`;
      return new Response(null, { status: 403, headers: { "www-authenticate": more } });
    }
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${access.user}`);
    return this.#mcp(new Request(request, { headers }));
  }

  #authorize(url: URL): Response {
    const get = (name: string) => url.searchParams.get(name) ?? "";
    const isRight = get("code_challenge_method") === "S256" && get("resource") === this.resource;
    if (!isRight) return new Response("bad request", { status: 400 });
    const code = randomUUID();
    this.#codes.set(code, {
      challenge: get("code_challenge"),
      redirectUri: get("redirect_uri"),
      scope: get("scope") || "read",
      user: this.user,
    });
    const back = new URL(get("redirect_uri"));
    back.searchParams.set("code", code);
    back.searchParams.set("state", get("state"));
    back.searchParams.set("iss", this.wrongIss ?? this.issuer);
    return new Response(null, { status: 302, headers: { location: back.href } });
  }

  #token(form: Record<string, string>): Response {
    if (this.failing !== undefined) return new Response("no", { status: this.failing });
    const granted =
      form["grant_type"] === "refresh_token" ? this.#rotate(form) : this.#redeem(form);
    if (!granted || form["resource"] !== this.resource) {
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    }
    const [access, refresh] = [`at-${randomUUID()}`, `rt-${randomUUID()}`];
    this.#access.set(access, granted);
    this.#issuedTo.set(access, granted.user);
    this.#refresh.set(refresh, granted);
    return Response.json({
      access_token: access,
      refresh_token: refresh,
      token_type: "Bearer",
      expires_in: this.expiresIn,
      scope: granted.scope,
    });
  }

  #rotate(form: Record<string, string>) {
    const known = this.#refresh.get(form["refresh_token"] ?? "");
    this.#refresh.delete(form["refresh_token"] ?? "");
    return known;
  }

  #redeem(form: Record<string, string>) {
    const code = this.#codes.get(form["code"] ?? "");
    this.#codes.delete(form["code"] ?? "");
    const isProved = code?.challenge === sha256(form["code_verifier"] ?? "");
    return isProved && code.redirectUri === form["redirect_uri"] ? code : undefined;
  }
}
