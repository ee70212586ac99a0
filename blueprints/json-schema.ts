import { z } from "zod";
import { blueprintSchema } from "./blueprint.ts";

/** The JSON Schema 2020-12 of a blueprint as it is written: what has a default may be left out. */
export function blueprintJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(blueprintSchema, { io: "input" });
}
