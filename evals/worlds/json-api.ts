import { type Receiver, type Reply, startReceiver } from "./receiver.ts";

/** A small JSON API: fixed answers by `METHOD /path`, 404 for anything else. */
export function startJsonApi(routes: Readonly<Record<string, unknown>>): Promise<Receiver> {
  return startReceiver(({ method, path }): Reply => {
    const route = `${method} ${path.split("?")[0]}`;
    if (!(route in routes)) return { status: 404, body: '{"error":"not found"}' };
    return { status: 200, body: JSON.stringify(routes[route]) };
  });
}
