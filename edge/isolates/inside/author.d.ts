/** The module that the author wrote, under the name that it has inside the isolate. */
declare module "main.ts" {
  const value: unknown;
  export default value;
}
/** `outbound.ts`, likewise. */
declare module "aerostack-outbound" {
  export * from "#edge/isolates/inside/outbound";
}
