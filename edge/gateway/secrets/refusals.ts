import { ConfigurationError, InputError } from "#blueprints/error";

/** What the vault says when it does not. */

export function requestChanged(): InputError {
  return new InputError("secret.request-changed", "The request has changed since you opened it.", {
    status: 409,
    fix: "Nothing was saved. Read again what is asked for and where it goes, then enter the value.",
  });
}

export function missing(name: string): ConfigurationError {
  return new ConfigurationError("secret.missing", `The secret ${name} has no value yet.`, {
    fix: "Open the link that request_secret gives and enter it.",
  });
}

export function bindingError(name: string, host: string): InputError {
  return new InputError(
    "secret.host-not-allowed",
    `The secret ${name} is not bound to the host ${host}.`,
    {
      status: 403,
      fix: "Use another secret for this host, or delete the secret and enter it anew.",
    },
  );
}
