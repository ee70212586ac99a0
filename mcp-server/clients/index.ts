import type { ClientDefinition } from "../client.ts";
import { antigravity } from "./antigravity.ts";
import { claudeCode } from "./claude-code.ts";
import { claudeDesktop } from "./claude-desktop.ts";
import { cline } from "./cline.ts";
import { codex } from "./codex.ts";
import { copilotCli } from "./copilot-cli.ts";
import { cursor } from "./cursor.ts";
import { fx } from "./fx.ts";
import { geminiCli } from "./gemini-cli.ts";
import { goose } from "./goose.ts";
import { grokBuild } from "./grok-build.ts";
import { kiloCode } from "./kilo-code.ts";
import { kimiCode } from "./kimi-code.ts";
import { kiro } from "./kiro.ts";
import { mastracode } from "./mastracode.ts";
import { mcporter } from "./mcporter.ts";
import { opencode } from "./opencode.ts";
import { pi } from "./pi.ts";
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
  antigravity,
  "kilo-code": kiloCode,
  "grok-build": grokBuild,
  fx,
  "kimi-code": kimiCode,
  mastracode,
  mcporter,
  pi,
} as const satisfies Record<string, ClientDefinition>;
