import type { ToolDefinition } from "../tool.ts";
import { callLog } from "./call-log.ts";
import { clientConfig } from "./client-config.ts";
import { configureWorkspace } from "./configure-workspace.ts";
import { connectMcp } from "./connect-mcp.ts";
import { controlRun } from "./control-run.ts";
import { createAccount } from "./create-account.ts";
import { createWorkspace } from "./create-workspace.ts";
import { create } from "./create.ts";
import { deleteTool } from "./delete.ts";
import { deploy } from "./deploy.ts";
import { getRun } from "./get-run.ts";
import { get } from "./get.ts";
import { install } from "./install.ts";
import { invoke } from "./invoke.ts";
import { issueToken } from "./issue-token.ts";
import { list } from "./list.ts";
import { plan } from "./plan.ts";
import { publish } from "./publish.ts";
import { requestSecret } from "./request-secret.ts";
import { revokeToken } from "./revoke-token.ts";
import { rollback } from "./rollback.ts";
import { scaffold } from "./scaffold.ts";
import { searchRegistry } from "./search-registry.ts";
import { usage } from "./usage.ts";

/** Every tool by its wire name, in the order of the life cycle. */
export const tools: Readonly<Record<string, ToolDefinition>> = {
  plan,
  scaffold,
  create,
  deploy,
  publish,
  search_registry: searchRegistry,
  install,
  create_workspace: createWorkspace,
  configure_workspace: configureWorkspace,
  connect_mcp: connectMcp,
  request_secret: requestSecret,
  issue_token: issueToken,
  revoke_token: revokeToken,
  create_account: createAccount,
  client_config: clientConfig,
  list,
  get,
  delete: deleteTool,
  invoke,
  get_run: getRun,
  control_run: controlRun,
  call_log: callLog,
  usage,
  rollback,
};
