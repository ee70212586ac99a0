import process from "node:process";

/** What the suite starts as the client: tells the driver in the test's process which scenario is on. */
const [driver = "", url = ""] = process.argv.slice(2);
const scenario = process.env["MCP_CONFORMANCE_SCENARIO"];
const context: unknown = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}");
const body = JSON.stringify({ url, scenario, context });
const response = await fetch(driver, { method: "POST", body });
process.stdout.write(await response.text());
process.exitCode = response.ok ? 0 : 1;
