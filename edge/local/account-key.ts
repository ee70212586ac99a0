import { readFile } from "node:fs/promises";
import path from "node:path";
import { ConfigurationError } from "#blueprints/error";

/**
 * The account key that a command line works with: `AEROSTACK_KEY`, else that of the server on this
 * machine. @throws ConfigurationError `account.no-key`
 */
export async function readAccountKey(): Promise<string> {
  const given = process.env["AEROSTACK_KEY"];
  if (given) return given;
  const file = path.join(process.env["AEROSTACK_DATA"] || ".aerostack", "account.key");
  return readFile(file, "utf8").then(
    (text) => text.trim(),
    (cause: unknown) => {
      throw new ConfigurationError("account.no-key", `There is no account key at ${file}.`, {
        fix: "Start the server with `npm start` first. One that has another data folder: set AEROSTACK_DATA to it, or AEROSTACK_KEY to a key.",
        cause,
      });
    },
  );
}
