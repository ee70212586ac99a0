import type { McpLink } from "#edge/gateway/workspace-api";

export const canary = "sk/live+7f3e9d2b1aQx84Zm0w9T=";
export const auth: McpLink["auth"] = {
  type: "header",
  header: "Authorization",
  value: "Bearer {{ secret }}",
  secret: "KEY",
};

/** The forms in which a text gives the canary away. */
export function traces(told: string): string[] {
  const hex = Buffer.from(canary).toString("hex");
  const pieces = Array.from({ length: canary.length - 11 }, (_, at) => canary.slice(at, at + 12));
  const aligned = ["", "x", "xy"].map((before) => btoa(before + canary).slice(4, -8));
  const forms = [
    encodeURIComponent(canary),
    hex,
    ...aligned,
    Array.from(canary).toReversed().join(""),
  ];
  return [...pieces, ...forms].filter((form) => told.includes(form));
}
