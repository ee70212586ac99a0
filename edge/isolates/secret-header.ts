import { InputError } from "#blueprints/error";

/**
 * Sets a header that carries a secret. What cannot stand in a header, a line break above all, fails
 * here: the runtime's own error would quote the value.
 * @throws InputError `secret.not-for-a-header`
 */
export function setSecretHeader(headers: Headers, name: string, value: string): void {
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value) && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    return headers.set(name, value);
  }
  throw new InputError(
    "secret.not-for-a-header",
    `The header ${JSON.stringify(name.slice(0, 100))} cannot carry this secret: it has line breaks or other characters that no header may have.`,
    {
      fix: "Enter the secret again as one line of plain characters, or correct the header's name.",
    },
  );
}
