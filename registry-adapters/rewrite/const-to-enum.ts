import { rewrite } from "./schema.ts";

/** `const: x` as `enum: [x]`, which every dialect knows. */
export function constToEnum(schema: unknown): unknown {
  return rewrite(schema, ({ const: value, ...rest }) =>
    value === undefined ? rest : { ...rest, enum: [value] },
  );
}
