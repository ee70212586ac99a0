import type { NodeCatalogue } from "#blueprints/catalogue";
import { action } from "./action.ts";
import { agentLoop } from "./agent_loop.ts";
import { authGate } from "./auth_gate.ts";
import { callFunction } from "./call_function.ts";
import { codeBlock } from "./code_block.ts";
import { confidenceRouter } from "./confidence_router.ts";
import { delegateToBot } from "./delegate_to_bot.ts";
import { errorHandler } from "./error_handler.ts";
import { guardrail } from "./guardrail.ts";
import { humanReview } from "./human_review.ts";
import { llmCall } from "./llm_call.ts";
import { logic } from "./logic.ts";
import { loop } from "./loop.ts";
import { mcpTool } from "./mcp_tool.ts";
import { parallel } from "./parallel.ts";
import { scheduleMessage } from "./schedule_message.ts";
import { sendMessage } from "./send_message.ts";
import { sendProactive } from "./send_proactive.ts";
import { trigger } from "./trigger.ts";

/** Every node type, by its name on the wire, which is its file's name. */
export const nodes: NodeCatalogue = {
  trigger,
  logic,
  call_function: callFunction,
  code_block: codeBlock,
  loop,
  parallel,
  error_handler: errorHandler,
  human_review: humanReview,
  auth_gate: authGate,
  action,
  mcp_tool: mcpTool,
  send_message: sendMessage,
  schedule_message: scheduleMessage,
  send_proactive: sendProactive,
  llm_call: llmCall,
  guardrail,
  confidence_router: confidenceRouter,
  agent_loop: agentLoop,
  delegate_to_bot: delegateToBot,
};
