/** What every client reads when it connects; under 2 kB, held by a test. */
export const instructions = `Aerostack turns an intent into running infrastructure: MCP workspaces, functions, workflows, endpoints, webhooks, schedules.

Life cycle, in order:
1. plan: say what you want in words. You get a blueprint, the secrets it needs and questions. Refine with refine: {plan_id, feedback}.
2. scaffold: plan_id -> complete blueprint with code, checks and tests.
3. create: scaffold_id + workspace slug -> draft resources. Secrets come back with enter_url.
4. Give every enter_url to the person you work for; they type the value on that page. Never ask for a secret in the conversation and never put one into an argument.
5. deploy: the draft ids or the blueprint_id. Its tests run first; if one fails, the old version stays live and you see why.
6. Call it: POST the endpoint URL, or invoke; get_run shows every step.
7. publish: share a function, skill or MCP server as @account/name@version; others find it with search_registry and install it.

Already have code? Skip plan: write a blueprint (schema: aerostack://blueprint-schema, node types: aerostack://node-types) and call create.
A workspace is one MCP URL (/ws/<slug>) in front of many MCP servers: create_workspace, connect_mcp, request_secret, issue_token, client_config.
Look around with list and get; call_log and usage show what happened; rollback restores an earlier version.

Errors carry code, message and fix: do what fix says. Repeating a call with the same idempotency_key repeats the answer, not the effect. Guides: aerostack://docs/getting-started.`;
