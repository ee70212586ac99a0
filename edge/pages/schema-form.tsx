import { fieldsOf, type FormField, type FormSchema, labelOf } from "./form-fields.ts";
import type { Entered } from "./ticket-page.ts";

/** The fields of an object schema, with what was entered before. */
export function SchemaFields(props: {
  schema: FormSchema;
  entered: Entered | undefined;
  /** Fields that the page shows in its own way. */
  except: readonly string[];
}) {
  const fields = fieldsOf(props.schema).filter(
    ({ path }) => !props.except.includes(path.join(".")),
  );
  return (
    <>
      {fields.map((field) => (
        <Field field={field} entered={props.entered} />
      ))}
    </>
  );
}

function Field({ field, entered }: { field: FormField; entered: Entered | undefined }) {
  const { schema, path } = field;
  const name = path.join(".");
  const id = `field-${path.join("-")}`;
  const label = labelOf(field);
  const hint = schema.description ? `${id}-hint` : undefined;
  const known = entered ? entered[name] : textOf(schema.default);
  if (schema.type === "boolean") {
    return (
      <>
        <label class="choice">
          <input id={id} type="checkbox" name={name} value="true" checked={known === "true"} />{" "}
          {label}
        </label>
        <Hint id={hint} text={schema.description} />
      </>
    );
  }
  return (
    <>
      <label for={id}>
        {label} {field.required ? null : <span class="soft">(optional)</span>}
      </label>
      <Control id={id} name={name} schema={schema} value={known ?? ""} hint={hint} />
      <Hint id={hint} text={schema.description} />
    </>
  );
}

function Control(props: {
  id: string;
  name: string;
  schema: FormSchema;
  value: string;
  hint: string | undefined;
}) {
  const { id, name, schema, value, hint } = props;
  if (schema.enum) {
    return (
      <select id={id} name={name} aria-describedby={hint}>
        <option value="">Choose</option>
        {schema.enum.map((one) => (
          <option selected={String(one) === value}>{String(one)}</option>
        ))}
      </select>
    );
  }
  const common = { id, name, "aria-describedby": hint };
  if (schema.type === "number" || schema.type === "integer") {
    const step = schema.type === "integer" ? "1" : "any";
    const { minimum: min, maximum: max } = schema;
    return <input {...common} type="number" step={step} min={min} max={max} value={value} />;
  }
  if (schema.format === "date") return <input {...common} type="date" value={value} />;
  if ((schema.maxLength ?? 0) <= 200 && schema.maxLength !== undefined) {
    return <input {...common} type="text" maxlength={schema.maxLength} value={value} />;
  }
  return (
    <textarea {...common} rows={3} maxlength={schema.maxLength}>
      {value}
    </textarea>
  );
}

function Hint({ id, text }: { id: string | undefined; text: string | undefined }) {
  return (
    <p class="hint" id={id}>
      {text}
    </p>
  );
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
