/** Headers with which the sandbox process passes an isolate's request on to the platform. */
export const forwarded = {
  key: "aerostack-sandbox-key",
  ticket: "aerostack-ticket",
  url: "aerostack-url",
} as const;
