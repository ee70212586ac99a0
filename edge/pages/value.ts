import { InputError } from "#blueprints/error";
import { maximumValueBytes, minimumValueLength } from "#edge/gateway/secrets/value-limits";

/**
 * What a person typed, without the blanks around it that pasting brings. Throws `secret.empty`,
 * `secret.size`, `secret.unprintable`, `secret.not-a-url`; no message quotes the value.
 */
export function readValue(kind: "token" | "url", typed: string): string {
  const value = typed.trim();
  if (value === "") {
    throw new InputError("secret.empty", "The field is empty.", { fix: "Enter the value." });
  }
  if (new TextEncoder().encode(value).length > maximumValueBytes) throw tooLong();
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)) {
    throw new InputError("secret.unprintable", "The value has invisible characters in it.", {
      fix: "Copy it again, as plain text.",
    });
  }
  if (kind === "url" && !isWebAddress(value)) {
    throw new InputError("secret.not-a-url", "This is not a web address.", {
      fix: "Enter the whole address, starting with https://.",
    });
  }
  if (value.length < minimumValueLength) {
    throw new InputError("secret.size", "The value is too short to be a safe secret.", {
      fix: `Use one of at least ${minimumValueLength} characters: shorter ones could not be kept out of logs and answers.`,
    });
  }
  return value;
}

export function tooLong(): InputError {
  return new InputError("secret.size", "The value is too long.", {
    status: 413,
    fix: `Enter at most ${maximumValueBytes / 1024} kB.`,
  });
}

function isWebAddress(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && !/\s/.test(value);
}
