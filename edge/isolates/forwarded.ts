/** Headers between the platform and the sandbox process; none of them reaches an isolate or a host. */
export const forwarded = {
  /** Shared by the two processes; without it neither answers the other. */
  key: "aerostack-sandbox-key",
  /** Of a request on its way out: what the isolate was granted. */
  ticket: "aerostack-ticket",
  /** Of a request that is passed on: where it was really sent, and how. */
  url: "aerostack-url",
  method: "aerostack-method",
  /** Of a request for a hosted server: `IsolateOrder` as URI-encoded JSON. */
  order: "aerostack-order",
} as const;
