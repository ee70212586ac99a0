import type { Context } from "hono";
import { AerostackError, toWireError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { incidentOf } from "#edge/incident";
import { limitPublic } from "#edge/limit";
import { openRun, readerWith } from "#edge/observe/reader";
import { readerCookie } from "#edge/observe/reader-cookie";
import type { Services } from "#edge/services";
import { assertReadable } from "#edge/workflow/find-run";
import type { RunOverview } from "#edge/workflow/run-api";
import { readOverview } from "#edge/workflow/start";
import { failed } from "../gone.tsx";
import { answer, prefersJson, type View } from "../layout.tsx";
import { assertSameSite } from "../origin.ts";
import { CredentialField, ProblemNote } from "../parts.tsx";
import type { Problem } from "../ticket-page.ts";
import { GraphSection } from "./graph.tsx";
import { Head } from "./head.tsx";
import { runScript } from "./script.ts";
import { StepsSection, stepAnchor } from "./steps.tsx";
import { Value } from "./step.tsx";
import { runStyle } from "./style.ts";

type RunContext = Context<{ Bindings: Env }, "/:id">;

/** The page of a run, for whoever signed in and may read it; a sign-in for everybody else. */
export async function showRun(context: RunContext, services: Services): Promise<Response> {
  const request = context.req.raw;
  const id = context.req.param("id");
  try {
    await openRun(services, request, id);
    const overview = await readOverview(services.env, id, firstStep(context.req.query("from")));
    return await answer(context, viewOf(overview, services.now()));
  } catch (error) {
    const status = statusOf(error);
    if (status === 401) return answer(context, signIn(undefined), status);
    if (status === 404) return answer(context, signIn(notYours), status);
    return fail(context, error);
  }
}

/** Takes the credential of the sign-in; the answer leads back to the page. */
export async function signInToRun(context: RunContext, services: Services): Promise<Response> {
  const request = context.req.raw;
  const id = context.req.param("id");
  try {
    assertSameSite(request, services.baseUrl);
    await limitPublic(services.env, request, "runs");
    const { credential } = await context.req.parseBody();
    const entered = typeof credential === "string" ? credential.trim() : "";
    await assertReadable(services.env, id, await readerWith(services, entered));
    context.header("Set-Cookie", await readerCookie(services, entered));
    context.header("Cache-Control", "no-store");
    return context.redirect(`/runs/${id}`, 303);
  } catch (error) {
    if (prefersJson(request)) throw error;
    const status = statusOf(error);
    if (status === 401 || status === 404) return answer(context, signIn(notYours), 403);
    return fail(context, error);
  }
}

function statusOf(error: unknown): number {
  return error instanceof AerostackError ? error.status : 500;
}

function fail(context: RunContext, error: unknown): Promise<Response> {
  return answer(context, failed(incidentOf(error) ?? toWireError(error)), statusOf(error));
}

function firstStep(from: string | undefined): number | undefined {
  return from !== undefined && /^[1-9]\d{0,5}$/.test(from) ? Number(from) : undefined;
}

/** The same for what is another's and what never was. */
const notYours: Problem = {
  code: "run.not-found",
  message: "There is no such run, or it is not yours to see.",
  fix: "Sign in with a token of the workspace that it belongs to.",
};

function signIn(problem: Problem | undefined): View {
  return {
    title: "Sign in to see a run",
    json: { step: "sign-in" },
    body: (
      <>
        <h1>Sign in to see this run</h1>
        <p>Who may use its workspace may see what its workflows did.</p>
        <form method="post">
          <ProblemNote id="problem" problem={problem} />
          <CredentialField
            label="Your workspace token or account key"
            hint="This browser then shows you runs for twelve hours, unless the token is revoked."
            problem={problem}
          />
          <button type="submit">Show the run</button>
        </form>
      </>
    ),
  };
}

function viewOf(overview: RunOverview, now: number): View {
  const { id, workflow, status, seq, endedAt, steps, graph } = overview;
  const shown = new Set(steps.map((step) => step.id));
  const linkTo = (path: string) =>
    shown.has(path) ? `#${encodeURIComponent(stepAnchor(path))}` : undefined;
  const isLive = endedAt === undefined;
  return {
    title: `${workflow}: ${status}`,
    json: { run_id: id, status },
    style: runStyle,
    isWide: true,
    ...(isLive ? { script: { text: runScript, connects: true } } : {}),
    body: (
      <div id="run" data-events={isLive ? `/runs/${id}/events?brief&after=${seq}` : undefined}>
        <Head overview={overview} now={now} linkTo={linkTo} />
        <GraphSection graph={graph} linkTo={linkTo} />
        <StepsSection overview={overview} now={now} />
        <section id="data" aria-label="Data">
          <details id="data-input">
            <summary>Input of the run</summary>
            <Value value={overview.input} />
          </details>
          {overview.output === undefined ? null : (
            <details id="data-output">
              <summary>Output of the run</summary>
              <Value value={overview.output} />
            </details>
          )}
        </section>
      </div>
    ),
  };
}
