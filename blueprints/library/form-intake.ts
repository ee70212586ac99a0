import type { BlueprintInput } from "../blueprint.ts";

/** A public form: what is complete goes on, what is not comes back with what to correct. */
export const formIntake: BlueprintInput = {
  name: "form-intake",
  description:
    "Validates contact forms and forwards the good ones to a webhook; spam ends quietly.",
  functions: [
    {
      name: "validate_form",
      description: "Cleans the fields of a contact form and lists what is wrong with them.",
      input: {
        type: "object",
        properties: {
          name: { type: "string" },
          email: { type: "string" },
          message: { type: "string" },
          website: { type: "string", description: "Left empty by people." },
        },
      },
      output: {
        type: "object",
        properties: {
          valid: { type: "boolean" },
          spam: { type: "boolean" },
          errors: { type: "array", items: { type: "string" } },
          name: { type: "string" },
          email: { type: "string" },
          message: { type: "string" },
        },
        required: ["valid", "spam", "errors", "name", "email", "message"],
        additionalProperties: false,
      },
      code: `
interface Form { name?: string; email?: string; message?: string; website?: string }
const clean = (text = "") => text.replace(/\\s+/g, " ").trim();

export default async function (form: Form) {
  const name = clean(form.name), email = clean(form.email).toLowerCase(), message = clean(form.message);
  const errors: string[] = [];
  if (name === "") errors.push("Enter your name.");
  if (!/^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$/.test(email)) errors.push("Enter a valid e-mail address.");
  if (message.length < 10) errors.push("Write at least ten characters.");
  const links = message.split("http").length - 1;
  const spam = clean(form.website) !== "" || links > 3;
  return { valid: errors.length === 0 && !spam, spam, errors, name, email, message };
}
`,
    },
  ],
  workflows: [
    {
      name: "take_form",
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        { id: "validate", type: "call_function", config: { function: "validate_form" } },
        {
          id: "is_valid",
          type: "logic",
          config: { cases: [{ port: "valid", when: "steps.validate.output.valid" }] },
        },
        {
          id: "forward",
          type: "send_message",
          config: {
            channel: "webhook",
            webhook: "CRM_WEBHOOK_URL",
            text: "New enquiry of {{ steps.validate.output.name }}",
            data: {
              email: "{{ steps.validate.output.email }}",
              message: "{{ steps.validate.output.message }}",
            },
          },
        },
      ],
      edges: [
        { from: "start", to: "validate" },
        { from: "validate", to: "is_valid" },
        { from: "is_valid", port: "valid", to: "forward" },
      ],
      // Spam gets the same answer as a person: it shall not learn.
      output: {
        accepted: "{{ steps.validate.output.valid or steps.validate.output.spam }}",
        errors: "{{ steps.validate.output.spam ? [] : steps.validate.output.errors }}",
      },
    },
  ],
  endpoints: [{ name: "contact", workflow: "take_form", auth: "public" }],
  secrets: [{ name: "CRM_WEBHOOK_URL", purpose: "URL that takes new enquiries.", kind: "url" }],
  tests: [
    {
      name: "a good form is forwarded",
      target: { kind: "workflow", name: "take_form" },
      input: { name: " Ada ", email: "Ada@Example.com", message: "I would like an offer." },
      expect: {
        output: { accepted: true, errors: [] },
        effects: [{ node: "forward", contains: "ada@example.com" }],
      },
    },
    {
      name: "a form with mistakes comes back",
      target: { kind: "workflow", name: "take_form" },
      input: { name: "Ada", email: "nowhere", message: "I would like an offer." },
      expect: {
        output: { accepted: false, errors: ["Enter a valid e-mail address."] },
        no_effects: true,
      },
    },
    {
      name: "spam is swallowed",
      target: { kind: "workflow", name: "take_form" },
      input: { name: "Bot", email: "b@example.com", message: "Buy my pills now", website: "x" },
      expect: { output: { accepted: true, errors: [] }, no_effects: true },
    },
  ],
};
