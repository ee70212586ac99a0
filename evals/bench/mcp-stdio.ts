import { createInterface } from "node:readline";
import { answerOf, type Message } from "./mcp-answers.ts";

/** The same server as `mcp-upstream.ts` over stdio, for peers that bridge to it. */
createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line) as Message;
  if (message.id === undefined) return;
  const answer = { jsonrpc: "2.0", id: message.id, ...answerOf(message, 1) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
