import { definePrompt } from "../prompt.ts";

export const teamGateway = definePrompt({
  name: "team_gateway",
  title: "One MCP URL for my team",
  description: "A workspace in front of several MCP servers, with a token for each person.",
  arguments: [
    { name: "servers", description: "URLs or marketplace names of MCP servers.", required: true },
    { name: "members", description: "E-mail addresses or names.", required: true },
  ],
  text: ({ servers, members }) =>
    `Create a workspace and connect these MCP servers to it: ${servers}. Use request_secret for every credential and give me the links. Then issue a developer token for each of: ${members}, give me the claim links, and print the client configuration for Claude Code, Cursor and VS Code.`,
});
