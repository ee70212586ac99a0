import { type AerostackError, InputError } from "#blueprints/error";
import type { Env } from "#edge/env";

/**
 * Which addresses may be reached at all. Only what the URL itself says is judged here; a public
 * name that resolves to a private address is refused by the network that the request leaves
 * through (`PUBLIC_NETWORK` on one machine, Cloudflare's own rules there).
 */
export type AddressSettings = Pick<Env, "AEROSTACK_ALLOW_HOSTS">;

/** Whether the operator opened this private address: `host:port`, with `*` for any of either. */
export function isOpened(url: URL, settings: AddressSettings): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return (settings.AEROSTACK_ALLOW_HOSTS ?? "")
    .split(",")
    .map((pattern) => pattern.trim().toLowerCase())
    .filter((pattern) => pattern !== "")
    .some((pattern) => {
      const [, host = pattern, wanted = "*"] = /^(.*?)(?::(\d+|\*))?$/.exec(pattern) ?? [];
      return (wanted === "*" || wanted === port) && matchesHost(hostName(url), host);
    });
}

/** `*.example.com` matches its subdomains, `*` everything. */
export function matchesHost(host: string, pattern: string): boolean {
  if (pattern === "*") return true;
  if (pattern.startsWith("*.")) return host.endsWith(pattern.slice(1));
  return host === pattern;
}

/** Lower case, without brackets and without the dot that makes a name absolute. */
export function hostName(url: URL): string {
  return url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.+$/, "");
}

/**
 * Ports of protocols that a request can be made to speak by accident: mail, shells, databases. The
 * "bad port" list of https://fetch.spec.whatwg.org/#port-blocking, read 2026-11.
 */
const fetchBadPorts: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
  103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
  512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
  995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
  6669, 6679, 6697, 10080,
]);

/** Beside them the stores that a gateway's neighbours run, which browsers do not bar: each runs a line at a time. */
const storePorts: ReadonlySet<number> = new Set([3306, 5432, 6379, 11211, 27017]);

/**
 * Throws unless a request to `url` may leave: https to a public address, or an address that
 * `AEROSTACK_ALLOW_HOSTS` opens; a port that never speaks HTTP is closed even there.
 * @throws InputError `egress.private-address`, `egress.not-https`, `egress.bad-port` or `egress.bad-url`
 */
export function assertReachable(url: string | URL, settings: AddressSettings): URL {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new InputError("egress.bad-url", `${String(url).slice(0, 200)} is not an http(s) URL.`, {
      fix: "Give an absolute URL that starts with https://.",
    });
  }
  const port = Number(parsed.port);
  if (parsed.port !== "" && (fetchBadPorts.has(port) || storePorts.has(port))) {
    throw new InputError("egress.bad-port", `Port ${port} of ${hostName(parsed)} is not HTTP.`, {
      fix: "Give the port where the server answers HTTP, or none for 443.",
    });
  }
  if (isOpened(parsed, settings)) return parsed;
  if (isPrivateName(hostName(parsed))) throw privateAddress(parsed.host);
  if (parsed.protocol !== "https:") {
    throw new InputError("egress.not-https", `${parsed.host} would be called without TLS.`, {
      fix: "Use https://, or have the operator add the host to AEROSTACK_ALLOW_HOSTS.",
    });
  }
  return parsed;
}

export function privateAddress(host: string): AerostackError {
  const message = `${host} is a private, loopback or link-local address.`;
  return new InputError("egress.private-address", message, {
    status: 403,
    fix: `Use a public host. On your own machine the operator can open it: start the server with AEROSTACK_ALLOW_HOSTS=${host}`,
  });
}

const privateNames =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|localdomain|onion)$/;

/** URL parsing has already turned decimal, octal, hex and short forms into dotted quads. */
function isPrivateName(host: string): boolean {
  if (host === "") return true;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return isPrivateIpv4(host.split(".").map(Number));
  if (host.includes(":")) return isPrivateIpv6(host);
  return privateNames.test(host) || !host.includes(".");
}

/** Everything that IANA lists as special-purpose. */
function isPrivateIpv4([a = 0, b = 0, c = 0]: number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
  if (a === 100) return b >= 64 && b < 128;
  if (a === 169) return b === 254;
  if (a === 172) return b >= 16 && b < 32;
  if (a === 192) return b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99);
  if (a === 198) return b === 18 || b === 19 || (b === 51 && c === 100);
  return a === 203 && b === 0 && c === 113;
}

/** Only global unicast (2000::/3) is public, and of that not what carries an IPv4 address or is set aside. */
function isPrivateIpv6(host: string): boolean {
  const groups = expandIpv6(host);
  const first = groups[0]!;
  const embedded = (at: number) =>
    isPrivateIpv4([groups[at]! >> 8, groups[at]! & 255, groups[at + 1]! >> 8]);
  // 64:ff9b::/96 is NAT64: what counts is the IPv4 address in it.
  if (first === 0x64 && groups[1] === 0xff9b) return embedded(6);
  if (first === 0x2002) return embedded(1);
  if (first === 0x2001 && (groups[1]! < 0x200 || groups[1] === 0xdb8)) return true;
  return first < 0x2000 || first > 0x3fff;
}

function expandIpv6(host: string): number[] {
  const [head = "", tail] = host.split("::");
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsOf(part: string): number[] {
  const groups = part.split(":").filter((group) => group !== "");
  return groups.map((group) => Number.parseInt(group, 16));
}
