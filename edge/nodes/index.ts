import type { NodeCatalogue } from "#blueprints/catalogue";
import { action } from "./action.ts";
import { callFunction } from "./call_function.ts";
import { codeBlock } from "./code_block.ts";
import { logic } from "./logic.ts";
import { mcpTool } from "./mcp_tool.ts";
import { sendMessage } from "./send_message.ts";
import { trigger } from "./trigger.ts";

/** Every node type, by its name on the wire, which is its file's name. */
export const nodes: NodeCatalogue = {
  trigger,
  logic,
  call_function: callFunction,
  code_block: codeBlock,
  action,
  mcp_tool: mcpTool,
  send_message: sendMessage,
};
