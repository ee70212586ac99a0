import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/stub";
import type { StepTrace } from "#edge/workflow/run-api";
import { readTrace, runStub } from "#edge/workflow/start";
import { done } from "./done.tsx";
import type { View } from "./layout.tsx";
import { ProblemNote } from "./parts.tsx";
import type { Problem, TicketPage, Visit } from "./ticket-page.ts";

/** A person proves an address: types the code, or presses the button behind a mailed link. */
export const verify: TicketPage<"verify"> = {
  isShared: true,
  async show(visit, problem) {
    const { step, open } = await readGate(visit);
    if (!open) return over(step);
    return gatePage(visit, step, problem);
  },
  async act(visit, form) {
    const { services, ticket } = visit;
    const { runId, step: path, proof } = ticket.payload;
    const before = await readGate(visit);
    if (!before.open) return over(before.step);
    const payload =
      proof !== undefined
        ? { token: proof }
        : form["resend"] === "true"
          ? { resend: true }
          : { code: (form["code"] ?? "").replaceAll(/\s/g, "") };
    const stranger = { kind: "stranger" } as const;
    unwrap(await runStub(services.env, runId).signal(path, undefined, payload, stranger));
    unwrap(await runStub(services.env, runId).result(10_000));
    const { step, open } = await readGate(visit);
    return open ? gatePage(visit, step) : over(step);
  },
};

async function readGate({ services, ticket }: Visit<"verify">) {
  const { runId, step: path } = ticket.payload;
  const described = await workspaceStub(services.env, ticket.workspaceId ?? "").describe();
  const trace = described.ok ? await readTrace(services.env, runId) : undefined;
  const step = trace?.steps.find(({ id }) => id === path);
  if (step) return { step, open: step.status === "waiting" && step.wait?.isOpen === true };
  throw new InputError("ticket.gone", "What this link asked for is not needed any more.", {
    status: 410,
    fix: "Start again where you wanted to sign in.",
  });
}

function gatePage({ ticket }: Visit<"verify">, step: StepTrace, problem?: Problem): View {
  const { title, message } = step.wait ?? {};
  return {
    title: title ?? "Sign in",
    json: { purpose: "verify", run_id: ticket.payload.runId, step: step.id, title, message },
    body: (
      <>
        <h1>{title}</h1>
        {ticket.payload.proof === undefined ? (
          <CodeForm message={message} problem={problem} />
        ) : (
          <form method="post">
            <ProblemNote id="problem" problem={problem} />
            <p>You, or somebody who knows your address, asked for this link.</p>
            <button type="submit">It was me: sign in</button>
          </form>
        )}
      </>
    ),
  };
}

function CodeForm(props: { message: string | undefined; problem: Problem | undefined }) {
  return (
    <form method="post">
      <p role="status">{props.message}</p>
      <ProblemNote id="problem" problem={props.problem} />
      <label for="code">Code</label>
      <input
        id="code"
        name="code"
        inputmode="numeric"
        autocomplete="one-time-code"
        maxlength={20}
        autofocus
      />
      <p class="hint">From the message; give it to nobody.</p>
      <p class="choices">
        <button type="submit">Go on</button>
        <button type="submit" name="resend" value="true" class="plain">
          Send again
        </button>
      </p>
    </form>
  );
}

function over(step: StepTrace): View {
  const isVerified = step.port === "verified";
  return done({
    title: isVerified ? "You are signed in" : "This did not work",
    text: isVerified ? "Your address is confirmed." : "The code or link is not valid any more.",
    next: isVerified ? "You can close this page." : "Start again where you wanted to sign in.",
    json: { state: isVerified ? "verified" : "over", step: step.id },
  });
}
