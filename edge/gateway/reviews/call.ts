import { z } from "zod";
import { InputError } from "#blueprints/error";
import { type Outcome, unwrap } from "#blueprints/outcome";
import { type Call, type CallEnd, type CallRoom, callTool } from "#edge/gateway/call";
import { ownCall } from "#edge/gateway/modes/own-call";
import { decideReview, waitingReviews } from "#edge/gateway/tool-names";
import type { RpcResult } from "#edge/gateway/upstream/json-rpc";
import type { Answerer } from "#edge/workflow/answerer";
import { isRunId } from "#edge/workflow/run-id";
import type { Review } from "#edge/workflow/run-api";
import { shorten } from "#edge/workflow/shorten";
import { runStub } from "#edge/workflow/start";
import { answererOf, reviewTools } from "./offered.ts";

/** Runs that wait, the newest ones, which are asked; and reviews of theirs in one answer. */
const askedAtMost = 100;
const shownAtMost = 20;
/** Characters of JSON of what is decided about, in a text. */
const shownMaterial = 2_000;

const inputs = {
  [waitingReviews]: z.strictObject({ run_id: z.string().max(64).optional() }),
  [decideReview]: z.strictObject({
    run_id: z.string().max(64),
    step: z.string().max(300),
    answer: z.record(z.string(), z.unknown()),
  }),
};

/** A call of a tool for reviews; where it is not offered, the same answer as for an unknown tool. */
export function callReviewTool(room: CallRoom, call: Call): Promise<CallEnd> {
  const by = answererOf(call.actor);
  const isOffered = reviewTools(room, call.actor).some(({ name }) => name === call.name);
  if (!isOffered || !by) return callTool(room, call);
  const args = call.params["arguments"] ?? {};
  const refusal = room.admission.refuse(call.actor, { tool: call.name, mcp: "-", args });
  const work = call.name === decideReview ? decide : show;
  return ownCall(room, call, () => work(room, by, args), refusal);
}

async function show(room: CallRoom, by: Answerer, args: unknown): Promise<RpcResult> {
  const { run_id: id } = read(waitingReviews, args);
  const waiting = room.runs.list({ status: "waiting", limit: askedAtMost }).map((run) => run.id);
  const ids = id === undefined ? waiting : [id].filter(isRunId);
  const asked = await Promise.all(ids.map((one) => reviewsOf(room, one, by)));
  const reviews = asked.flat().slice(0, shownAtMost).map(toWire);
  const count = reviews.length === 1 ? "1 review waits" : `${reviews.length} reviews wait`;
  // For clients that show their model the text alone.
  const list = reviews.map(({ run_id, step, title, message, material, form, link }) => {
    const shown = shorten(material, shownMaterial, "after redaction");
    return JSON.stringify({ run_id, step, title, message, material: shown, form, link });
  });
  const text = [`${count} for you.`, ...list].join("\n");
  return { content: [{ type: "text", text }], structuredContent: { reviews } };
}

/** Those of one run of this workspace; a run of another one is as unknown as one that never was. */
async function reviewsOf(room: CallRoom, id: string, by: Answerer): Promise<Review[]> {
  const stub = runStub(room.env, id);
  if (!isOurs(room, await stub.home())) return [];
  const found = await stub.reviewsFor(by);
  return found.ok ? found.value : [];
}

function isOurs(room: CallRoom, home: Outcome<string>): boolean {
  return home.ok && home.value === room.identity().id;
}

async function decide(room: CallRoom, by: Answerer, args: unknown): Promise<RpcResult> {
  const { run_id: id, step, answer } = read(decideReview, args);
  const stub = isRunId(id) ? runStub(room.env, id) : undefined;
  if (!stub || !isOurs(room, await stub.home())) {
    throw new InputError("run.not-found", `There is no run "${id}" in this workspace.`, {
      status: 404,
      fix: `Take run_id and step from ${waitingReviews}.`,
    });
  }
  unwrap(await stub.signal(step, undefined, answer, by));
  const text = `The decision about step "${step}" of ${id} is recorded.`;
  return { content: [{ type: "text", text }], structuredContent: { run_id: id, step } };
}

function read<Name extends keyof typeof inputs>(tool: Name, args: unknown) {
  const parsed = inputs[tool].safeParse(args);
  if (parsed.success) return parsed.data as z.output<(typeof inputs)[Name]>;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new InputError("review.arguments", `${tool}: ${problems.join("; ")}.`, {
    fix: `Take run_id and step from ${waitingReviews}; an answer is {"decision": "approved" or "rejected", "comment"?, "fields"?}.`,
  });
}

function toWire({ runId, startedBy, until, ...review }: Review) {
  const at = until === undefined ? undefined : new Date(until).toISOString();
  return {
    run_id: runId,
    ...review,
    ...(startedBy === undefined ? {} : { started_by: startedBy }),
    // Both the same here; elsewhere `until` is milliseconds, and `until_at` this.
    ...(at === undefined ? {} : { until: at, until_at: at }),
  };
}
