import { act, actWith, isMessaging } from "./act.ts";
import { type Approval, withoutAskers } from "./approval-reading.ts";
import type { Integration } from "../vocabulary/integration.ts";
import type { Aside } from "./approval-terms.ts";
import type { Computation } from "./computation.ts";
import type { Graph, Review } from "./graph.ts";
import { addMessage, messageTo } from "./messages.ts";
import { subjectOf, titleOf } from "./naming.ts";
import type { Reviewers } from "./reviewer-names.ts";
import * as steps from "./steps.ts";
import { listed } from "./text.ts";
import { sampleOf } from "./sample.ts";

type Computed = { readonly id: string; readonly of: Computation } | undefined;
type Ends = Graph["open"];

const longestMinutes = 29 * 1_440;
/** As a review names everybody who may start workflows. */
const anyReviewer = "the owner, admins and developers";

/** Pauses until people decide; what they approve is done, the other ways out end where the intent says. */
export function askReviewers(writing: steps.Writing, computed: Computed): readonly string[] {
  const { graph, known } = writing;
  const { approval } = known;
  if (!approval) return act(writing, computed);
  const reviews: Review[] = [];
  const rejected: Ends = [];
  let late: Ends = [];
  const ask = (who: Reviewers, id: string, isLast: boolean): Ends => {
    const review = addReview(writing, approval, { who, id, isLast });
    reviews.push(review);
    rejected.push({ from: review.step, port: "rejected" });
    if (review.onTimeout === "timeout") late.push({ from: review.step, port: "timeout" });
    return [{ from: review.step, port: "approved" }];
  };
  approval.stages.forEach((who, index) => {
    graph.open = ask(who, stepOf(index), !approval.escalation);
  });
  let approved = graph.open;
  if (approval.escalation) {
    graph.open = late;
    late = [];
    approved = [...approved, ...ask(approval.escalation, "escalation", true)];
  }
  const text = graph.text;
  noteEntered(graph, reviews);
  graph.open = approved;
  const done = act(withoutAsked(writing, approval), computed);
  warnOfEntered(writing, reviews, done);
  const ends = graph.open;
  const lateAside = approval.escalation ? undefined : approval.late;
  const whenRejected = end(writing, computed, { ends: rejected, aside: approval.rejected, ...no });
  const whenLate =
    late.length > 0 ? end(writing, computed, { ends: late, aside: lateAside, ...tooLate }) : [];
  graph.open = ends;
  graph.text = text;
  graph.reviewed = { reviews, done, rejected: whenRejected, late: whenLate };
  return done;
}

interface Stage {
  readonly who: Reviewers;
  readonly id: string;
  /** Nobody is asked after them. */
  readonly isLast: boolean;
}

function addReview(writing: steps.Writing, approval: Approval, stage: Stage): Review {
  const { build, graph, known } = writing;
  const { who, isLast } = stage;
  const { form, remindMinutes, onTimeout } = approval;
  const minutes = approval.timeoutMinutes;
  if (minutes !== undefined && minutes > longestMinutes && stage.id === "approval")
    build.warnings.push("A decision is waited for at most 29 days; the intent says longer.");
  if (remindMinutes !== undefined && !approval.channel && stage.id === "approval")
    build.warnings.push("Nobody is reminded: name the service where who decides is written to.");
  const subject = subjectOf(known.english);
  const title = subject === "item" ? "Approve this?" : `Approve this ${subject}?`;
  const notify = notifications(writing, channelOf(approval, stage), who, title);
  const data = `{{ ${graph.data} }}`;
  const step = graph.add(
    "human_review",
    stage.id,
    {
      title,
      message: known.text.slice(0, 1_000),
      material: graph.text ? { request: data, proposed: graph.said() } : data,
      reviewers: who.names,
      ...(who.approvals > 1 ? { approvals: who.approvals } : {}),
      ...(form ? { form } : {}),
      ...(notify.length > 0 ? { notify } : {}),
      ...(remindMinutes !== undefined && notify.length > 0
        ? { remind_after_minutes: remindMinutes }
        : {}),
      ...(minutes === undefined ? {} : { timeout_minutes: Math.min(minutes, longestMinutes) }),
      ...(isLast && onTimeout ? { on_timeout: onTimeout } : {}),
    },
    titleOf(`Ask ${who.said || "a person"} to approve`),
  );
  decideWho(writing, who, step);
  const fields = form ? { fields: sampleOf(form) as Record<string, unknown> } : {};
  const yes = { decision: "approved", ...fields };
  writing.stubs.push({ match: step, status: 200, body: yes });
  return { step, approval: yes, onTimeout: (isLast ? onTimeout : undefined) ?? "timeout" };
}

function channelOf(approval: Approval, { id }: Stage): Integration | undefined {
  const later = id === "escalation" ? approval.escalatedIn : undefined;
  return (later ?? approval.channel)?.integration;
}

/** The message in the place that the intent names; without one, what they have to know. */
function notifications(
  writing: steps.Writing,
  integration: Integration | undefined,
  who: Reviewers,
  title: string,
): Record<string, unknown>[] {
  const { build, graph } = writing;
  if (!integration) {
    addDecision(writing, {
      id: "approval_channel",
      text: "How who decides hears of it. Name a service in the intent to have them written to.",
      chosen: "waiting_reviews of their workspace, and the link of the run",
      options: ["slack", "email"],
    });
    return [];
  }
  const address = who.names.find((name) => /^[^@\s]+@[^@\s]+$/.test(name));
  const text = `Approval needed: ${title}\n${graph.said()}`;
  const subject = `Approval needed: ${title}`;
  const message = messageTo(build, integration, {
    subject,
    text,
    ...(address === undefined ? {} : { address }),
  });
  if (message) return [message];
  addMessage(build, graph, integration, {
    id: "tell_reviewers",
    title: "Say that a decision waits",
    subject,
    text: `${text}\nIt waits for you: see waiting_reviews of your workspace.`,
  });
  return [];
}

function addDecision({ build }: steps.Writing, decision: (typeof build.decisions)[number]): void {
  if (!build.decisions.some(({ id }) => id === decision.id)) build.decisions.push(decision);
}

/** Id of the step where this one of several stages decides, from 0. */
function stepOf(stage: number): string {
  return stage === 0 ? "approval" : `approval_${stage + 1}`;
}

function reviewersDecision(step: string): string {
  return step === "approval" ? "reviewers" : `reviewers_${step}`;
}

/** Id of the decision that says who approves where the intent only hints at it. */
export function unnamedReviewers({ stages }: Approval): string | undefined {
  const at = stages.findIndex(({ isNamed }) => !isNamed);
  return at < 0 ? undefined : reviewersDecision(stepOf(at));
}

function decideWho(writing: steps.Writing, who: Reviewers, step: string): void {
  const said = who.said && !who.isNamed ? ` The intent says "${who.said}".` : "";
  const how =
    "Members by the name of their token, `@account`, `role:admin` or `role:developer`; never who started the run.";
  addDecision(writing, {
    id: reviewersDecision(step),
    text: `Who approves. ${how}${said}`,
    chosen: who.names.join(", ") || anyReviewer,
    options: ["role:admin", "role:developer"],
  });
}

/** What an approval enters is part of what is told and proposed from there on. */
function noteEntered(graph: Graph, reviews: readonly Review[]): void {
  const last = reviews.findLast(({ approval }) => Object.hasOwn(approval, "fields"));
  if (!last) return;
  const before = graph.text ?? graph.data;
  graph.text = `string(${before}) + "\\nEntered: " + string(default(steps.${last.step}.output.fields, ""))`;
}

/** A service whose fields are known gets its own; what a person adds has no place among them. */
function warnOfEntered(
  { build, graph }: steps.Writing,
  reviews: readonly Review[],
  done: readonly string[],
): void {
  const review = reviews.findLast(({ approval }) => Object.hasOwn(approval, "fields"));
  const effects = graph.nodes.filter(({ id }) => done.includes(id));
  if (!review || effects.length === 0 || JSON.stringify(effects).includes(".output.fields")) return;
  build.warnings.push(
    `What an approval enters stands in \`steps.${review.step}.output.fields\`: put it into ${listed(done.map((id) => `"${id}"`))} where it belongs.`,
  );
}

/** For the steps behind an approval. */
export function withoutAsked(writing: steps.Writing, approval: Approval): steps.Writing {
  const { known } = writing;
  return { ...writing, known: { ...known, mentions: withoutAskers(known.mentions, approval) } };
}

interface End {
  readonly ends: Ends;
  readonly aside: Aside | undefined;
  readonly id: string;
  readonly title: string;
  readonly said: string;
}

const no = { id: "rejected", title: "It was rejected: nothing is done", said: "Rejected" };
const tooLate = {
  id: "timed_out",
  title: "Nobody decided in time: nothing is done",
  said: "Nobody decided in time",
};

const tells =
  /\b(?:tell|told|notif\w+|inform\w*|let (?:\w+ ){1,3}know|e-?mail\w*|message|ping|alert|warn|hears?|post|write)\b/i;

/** A way out that is not the approved one: what the intent says for it, else only its name. */
function end(writing: steps.Writing, computed: Computed, way: End): readonly string[] {
  const { build, graph, known } = writing;
  const { aside, ends, id, title, said } = way;
  graph.open = ends;
  const own = aside
    ? known.mentions.filter(({ start }) => start >= aside.from && start < aside.to)
    : [];
  const done = [
    ...actWith(
      { ...writing, known: { ...known, mentions: own } },
      computed,
      own.filter(({ integration }) => !isMessaging(integration)),
    ),
  ];
  const told = own.find(({ integration }) => isMessaging(integration));
  if (told || (aside && tells.test(aside.text) && done.length === 0)) {
    const channel = told?.integration ?? known.approval?.channel?.integration;
    done.push(
      addMessage(build, graph, channel ?? steps.defaultChannel(), {
        id: `tell_${id}`,
        title: `Tell: ${said.toLowerCase()}`,
        subject: said,
        text: `${said}: ${subjectOf(known.english)}\n${graph.said()}`,
        assumed: channel === undefined,
      }),
    );
  }
  if (done.length === 0)
    done.push(graph.add("action", id, { set: { name: "outcome", value: id } }, title));
  return done;
}

/** For a sentence: who decides, and for how long it is waited. */
export function describeApproval({ stages, timeoutMinutes }: Approval): string {
  const who = stages
    .map(({ names, approvals }) => names.join(approvals > 1 ? " and " : " or ") || anyReviewer)
    .join(", then ");
  const minutes = Math.min(timeoutMinutes ?? 3 * 1_440, longestMinutes);
  const [count, unit] =
    minutes % 1_440 === 0
      ? [minutes / 1_440, "day"]
      : minutes % 60 === 0
        ? [minutes / 60, "hour"]
        : [minutes, "minute"];
  return `It waits at most ${count} ${unit}${count === 1 ? "" : "s"} for a decision by ${who}.`;
}
