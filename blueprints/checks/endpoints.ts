import type { BlueprintCheck } from "./check.ts";

/** A callback may go somewhere: to the hosts that its signing secret is bound to. */
export const checkEndpoints: BlueprintCheck = ({ blueprint }, report) => {
  blueprint.endpoints.forEach(({ name, callback }, index) => {
    const secret = blueprint.secrets.find((one) => one.name === callback?.secret);
    if (!secret || (secret.kind === "token" && secret.hosts.length > 0)) return;
    report({
      code: "endpoint.callback-nowhere",
      path: `endpoints[${index}].callback.secret`,
      message: `Callbacks of "${name}" may go nowhere: "${secret.name}" is not a token with hosts.`,
      fix: `Declare "${secret.name}" with kind "token" and the receivers' \`hosts\`.`,
    });
  });
};
