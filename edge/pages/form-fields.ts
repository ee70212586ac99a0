import type { Entered } from "./ticket-page.ts";

/** A JSON Schema as far as a form can be made of it. */
export interface FormSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, FormSchema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly format?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface FormField {
  /** Names of properties on the way to it, which is its name in the form with dots between. */
  readonly path: readonly string[];
  readonly schema: FormSchema;
  readonly required: boolean;
}

/** Every field of an object schema, those of objects in it included. */
export function fieldsOf(schema: FormSchema, path: readonly string[] = []): FormField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const inner = [...path, name];
    if (property.properties) return fieldsOf(property, inner);
    const required = schema.required?.includes(name) ?? false;
    return [{ path: inner, schema: property, required }];
  });
}

export function labelOf({ path, schema }: FormField): string {
  return schema.title ?? path.at(-1)?.replaceAll("_", " ") ?? "";
}

/** What the form says, as JSON in the shape of the schema; empty fields are left out. */
export function readFields(
  fields: readonly FormField[],
  entered: Entered,
): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const field of fields) {
    const value = valueOf(field, entered[field.path.join(".")]);
    if (value === undefined) continue;
    let place = whole;
    for (const name of field.path.slice(0, -1)) {
      place = (place[name] ??= {}) as Record<string, unknown>;
    }
    place[field.path.at(-1) ?? ""] = value;
  }
  return whole;
}

/** As typed where it cannot be read: the check of the schema then says what is wrong. */
function valueOf({ schema }: FormField, typed: string | undefined): unknown {
  if (schema.type === "boolean") return typed !== undefined;
  if (typed === undefined || typed === "") return undefined;
  if (schema.enum) return schema.enum.find((one) => String(one) === typed) ?? typed;
  if (schema.type !== "number" && schema.type !== "integer") return typed.replaceAll("\r\n", "\n");
  const number = Number(typed);
  return Number.isFinite(number) ? number : typed;
}
