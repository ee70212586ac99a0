import type { ClientDefinition } from "../client.ts";
import { claudeCode } from "./claude-code.ts";
import { claudeDesktop } from "./claude-desktop.ts";
import { cline } from "./cline.ts";
import { codex } from "./codex.ts";
import { copilotCli } from "./copilot-cli.ts";
import { cursor } from "./cursor.ts";
import { geminiCli } from "./gemini-cli.ts";
import { goose } from "./goose.ts";
import { kiro } from "./kiro.ts";
import { opencode } from "./opencode.ts";
import { vsCode } from "./vs-code.ts";
import { windsurf } from "./windsurf.ts";
import { zed } from "./zed.ts";

/** Every known MCP client by the name that `client_config` takes. */
export const clients = {
  "claude-code": claudeCode,
  cursor,
  "vs-code": vsCode,
  windsurf,
  zed,
  "gemini-cli": geminiCli,
  codex,
  opencode,
  cline,
  goose,
  kiro,
  "copilot-cli": copilotCli,
  "claude-desktop": claudeDesktop,
} as const satisfies Record<string, ClientDefinition>;
