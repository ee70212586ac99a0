import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/stub";
import { findAccount } from "#edge/identity/accounts";
import { identifyAnswerer } from "#edge/workflow/identify-answerer";
import type { RunTrace, StepTrace } from "#edge/workflow/run-api";
import { readTrace, runStub } from "#edge/workflow/start";
import { done } from "./done.tsx";
import { fieldsOf, type FormField, type FormSchema, labelOf, readFields } from "./form-fields.ts";
import type { View } from "./layout.tsx";
import { Facts, ProblemNote, timeLeft } from "./parts.tsx";
import { SchemaFields } from "./schema-form.tsx";
import type { Entered, Problem, TicketPage, Visit } from "./ticket-page.ts";

/** A person decides what a step of a run waits for; holding the link says nothing about who that is. */
export const review: TicketPage<"review"> = {
  isShared: true,
  async show(visit, problem, entered) {
    const asked = await readAsked(visit);
    if (!asked.wait) return decidedAlready(asked);
    const { title, message, form, reviewers } = asked.wait;
    const { trace, account, workspace } = asked;
    return {
      title: problem ? `Not sent: ${title ?? "review"}` : (title ?? "Review"),
      body: (
        <ReviewPage
          asked={asked}
          problem={problem}
          entered={entered}
          left={timeLeft(visit.ticket.expiresAt - visit.services.now())}
        />
      ),
      json: {
        purpose: "review",
        account,
        workspace,
        run_id: trace.id,
        step: visit.ticket.payload.step,
        workflow: trace.workflow,
        title,
        message,
        material: asked.wait.material,
        form,
        reviewers,
        expires_at: visit.ticket.expiresAt,
      },
    };
  },
  async act(visit, form) {
    const { services, ticket } = visit;
    const { runId, step } = ticket.payload;
    const asked = await readAsked(visit);
    if (!asked.wait) return decidedAlready(asked);
    const by = await identifyAnswerer(
      services,
      ticket.workspaceId ?? "",
      (form["credential"] ?? "").trim(),
    );
    const fields = fieldsOf(asked.wait.form ?? {});
    const answer = readFields(fields, form);
    if (answer["decision"] === "rejected") delete answer["fields"];
    else assertEntered(fields, form);
    unwrap(await runStub(services.env, runId).signal(step, undefined, answer, by));
    return done({
      title: answer["decision"] === "rejected" ? "Rejected" : "Approved",
      text: `Your decision about “${asked.wait.title ?? step}” is recorded.`,
      next: "You can close this page; the run goes on by itself.",
      json: { state: "recorded", run_id: runId, step, decision: answer["decision"] },
    });
  },
};

/** @throws InputError `review.fields-missing` with the labels of the fields, as the page shows them */
function assertEntered(fields: readonly FormField[], form: Entered): void {
  const missing = fields.filter(({ path, schema, required }) => {
    return required && schema.type !== "boolean" && !form[path.join(".")];
  });
  if (missing.length === 0) return;
  const labels = missing.map(labelOf).join(", ");
  throw new InputError("review.fields-missing", `Still empty: ${labels}.`, {
    status: 422,
    fix: "Fill in what is empty to approve; a rejection needs none of it.",
  });
}

interface Asked {
  readonly account: string;
  readonly workspace: string;
  readonly trace: RunTrace;
  readonly step: StepTrace;
  /** Undefined: it does not wait any more. */
  readonly wait: (Omit<NonNullable<StepTrace["wait"]>, "form"> & { form?: FormSchema }) | undefined;
}

async function readAsked({ services, ticket }: Visit<"review">): Promise<Asked> {
  const { runId, step: path } = ticket.payload;
  const account = await findAccount(services, ticket.accountId);
  const described = await workspaceStub(services.env, ticket.workspaceId ?? "").describe();
  const trace = described.ok ? await readTrace(services.env, runId) : undefined;
  const step = trace?.steps.find(({ id }) => id === path);
  if (!account || !described.ok || !trace || !step || trace.workspaceId !== ticket.workspaceId) {
    throw new InputError("ticket.gone", "What this link asked for is not needed any more.", {
      status: 410,
      fix: "Ask for a new link.",
    });
  }
  const { name, slug } = described.value;
  const wait = step.status === "waiting" && step.wait?.reviewers ? step.wait : undefined;
  return { account: account.name, workspace: `${name} (${slug})`, trace, step, wait };
}

function ReviewPage(props: {
  asked: Asked;
  problem: Problem | undefined;
  entered: Entered | undefined;
  left: string;
}) {
  const { asked, problem, entered, left } = props;
  const { wait, account, workspace, trace } = asked;
  const answered = wait?.answered ?? [];
  return (
    <>
      <h1>{wait?.title}</h1>
      {wait?.message?.split(/\n{2,}/).map((text) => (
        <p>{text}</p>
      ))}
      <Material of={wait?.material} />
      <Facts
        rows={[
          ["Asked by", `${account}, workspace ${workspace}`],
          ["Workflow", trace.workflow],
          ["Started by", trace.startedBy],
          ["Reviewers", wait?.reviewers?.join(", ")],
          ["Decided so far", answered.join(", ")],
        ]}
      />
      <form method="post">
        <ProblemNote id="problem" problem={problem} />
        <DecisionChoice entered={entered?.["decision"]} />
        <SchemaFields schema={wait?.form ?? {}} entered={entered} except={["decision"]} />
        <label for="credential">Your workspace token</label>
        <input
          id="credential"
          name="credential"
          type="password"
          required
          autocomplete="current-password"
          aria-describedby={problem ? "problem credential-hint" : "credential-hint"}
          aria-invalid={problem?.code === "review.credential" ? "true" : undefined}
        />
        <p class="hint" id="credential-hint">
          It says who decides, and is not stored. Whoever started the run cannot decide.
        </p>
        <button type="submit">Send decision</button>
      </form>
      <p class="hint">This can be decided for another {left}.</p>
    </>
  );
}

/** No button of its own for each: Enter in a field must not decide. */
function DecisionChoice({ entered }: { entered: string | undefined }) {
  const choices = { approved: "Approve", rejected: "Reject" };
  return (
    <fieldset>
      <legend>Your decision</legend>
      {Object.entries(choices).map(([value, label]) => (
        <label class="choice">
          <input type="radio" name="decision" value={value} required checked={value === entered} />{" "}
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** What is decided about: an object as a table, a text as it is, anything else as JSON. */
function Material({ of: material }: { of: unknown }) {
  if (material === undefined || material === null) return null;
  if (typeof material !== "object") return <p class="material">{asText(material)}</p>;
  if (Array.isArray(material)) return <pre class="material">{asText(material)}</pre>;
  return <Facts rows={Object.entries(material).map(([name, value]) => [name, asText(value)])} />;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function decidedAlready({ step, trace }: Asked): View {
  const port = step.port ?? trace.status;
  return done({
    title: "This is decided already",
    text: `The review has ended: ${port}.`,
    next: "Nothing more to do. You can close this page.",
    json: { state: "over", run_id: trace.id, step: step.id, port },
  });
}
