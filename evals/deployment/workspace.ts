import type { Probe } from "../deployment.ts";
import { connect } from "../harness/client.ts";
import { post } from "../harness/http.ts";

/** A workspace: both SDK lines list the same tools, names fit every client, strangers stay out. */
export async function probeWorkspace({ url, token, check }: Probe): Promise<void> {
  const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  const stranger = await post(url, "wt_not-a-token", list);
  check("secure", "refuses a wrong token", stranger.status === 401, stranger.text);
  const names: string[][] = [];
  for (const line of ["2.x", "1.x"] as const) {
    const session = await connect(url, token, line);
    const tools = await session.listTools();
    names.push(tools.map((one) => one.name));
    const described = tools.filter((one) => !one.description).map((one) => one.name);
    check("operate", `SDK ${line}: every tool is described`, described.length === 0, described);
    const unknown = await session
      .call("no_such__tool")
      .catch((error: unknown) => ({ isError: true, text: String(error) }));
    check("behave", `SDK ${line}: an unknown tool is an error`, unknown.isError, unknown.text);
    await session.close();
  }
  const [modern = [], older = []] = names;
  check("behave", "both SDK lines see the same tools", modern.join() === older.join(), [
    modern.length,
    older.length,
  ]);
  const long = modern.filter((name) => name.length > 48);
  check("behave", "names fit every client", long.length === 0, long);
}
