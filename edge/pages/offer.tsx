import type { ClientGuide } from "#edge/client-guide";
import type { Proof } from "#edge/identity/invitation";
import { Facts, ProblemNote } from "./parts.tsx";
import type { Problem } from "./ticket-page.ts";

/** What waits behind the button, who it is from, and what the person says about themselves. */
export function Offer(offered: {
  readonly title: string;
  readonly text: string;
  readonly rows: Parameters<typeof Facts>[0]["rows"];
  readonly proof: Proof;
  readonly clients: readonly ClientGuide[];
  readonly button: string;
  readonly left: string;
  readonly problem: Problem | undefined;
}) {
  const { title, text, rows, proof, clients, button, left, problem } = offered;
  return (
    <>
      <h1>{title}</h1>
      <p>{text}</p>
      <Facts rows={rows} />
      <form method="post">
        <ProblemNote id="problem" problem={problem} />
        {proof === "none" ? null : <ProofField proof={proof} problem={problem} />}
        <label for="client">Your MCP client</label>
        <select id="client" name="client">
          <option value="">Another one, or not decided</option>
          {clients.map(({ name, title: shown }) => (
            <option value={name}>{shown}</option>
          ))}
        </select>
        <p class="hint">You get the configuration for it, and for the others as well.</p>
        <button type="submit">{button}</button>
      </form>
      <p class="hint">
        It is shown once, to whoever presses first. Have a safe place for it at hand; this link
        works for another {left}.
      </p>
    </>
  );
}

const fields = {
  email: {
    label: "Your e-mail address",
    type: "email",
    autocomplete: "email",
    hint: "The one that you were invited by.",
  },
  key: {
    label: "Your account key",
    type: "password",
    autocomplete: "current-password",
    hint: "It proves that the invitation is yours, and goes no further.",
  },
} as const;

function ProofField({
  proof,
  problem,
}: {
  proof: Exclude<Proof, "none">;
  problem: Problem | undefined;
}) {
  const { label, hint, ...field } = fields[proof];
  const isWrong = problem?.code.startsWith("invitation.") === true;
  return (
    <>
      <label for="proof">{label}</label>
      <input
        id="proof"
        name="proof"
        {...field}
        required
        aria-describedby={isWrong ? "problem proof-hint" : "proof-hint"}
        aria-invalid={isWrong ? "true" : undefined}
      />
      <p class="hint" id="proof-hint">
        {hint}
      </p>
    </>
  );
}
