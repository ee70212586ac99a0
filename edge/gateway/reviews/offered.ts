import type { Tool } from "@modelcontextprotocol/client";
import type { WorkflowNode } from "#blueprints/blueprint";
import { mayUse } from "#edge/gateway/authorise";
import type { LiveItems } from "#edge/gateway/live";
import type { LiveItem } from "#edge/gateway/live-items";
import { decideReview, waitingReviews } from "#edge/gateway/tool-names";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import type { Actor } from "#edge/identity/actor";
import { type Answerer, mayReview } from "#edge/workflow/answerer";
import { asAnswerer } from "#edge/workflow/identify-answerer";
import { viewMimeType } from "#edge/mcp-app/view";
import { nodes } from "#edge/nodes/index";

export interface ReviewPlace {
  readonly live: LiveItems;
  readonly identity: () => WorkspaceIdentity;
}

/** The view of both tools; `text` is `viewHtml`. */
export const reviewView = { uri: "ui://aerostack/reviews", mimeType: viewMimeType };

const ui = (visibility?: string[]) => ({
  ui: { resourceUri: reviewView.uri, ...(visibility ? { visibility } : {}) },
});

const tools: readonly Tool[] = [
  {
    name: waitingReviews,
    title: "Reviews that wait for you",
    description:
      "Steps of workflows that wait for your decision: what is asked, the material, the form of an answer.",
    inputSchema: {
      type: "object",
      properties: { run_id: { type: "string", description: "Of this run alone." } },
      additionalProperties: false,
    },
    outputSchema: {
      type: "object",
      properties: { reviews: { type: "array", items: { type: "object" } } },
      required: ["reviews"],
    },
    annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
    _meta: ui(),
  },
  {
    name: decideReview,
    title: "Decide a review",
    description: "Sends a person's own decision; never decide for them.",
    inputSchema: {
      type: "object",
      properties: {
        run_id: { type: "string" },
        step: { type: "string" },
        answer: {
          type: "object",
          description:
            'As the review\'s form wants it: `{"decision": "approved" | "rejected", "comment"?, "fields"?}`.',
        },
      },
      required: ["run_id", "step", "answer"],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    // Its button is pressed in the view: a client that shows views keeps the tool from its model.
    _meta: ui(["app"]),
  },
];

/** Who calls, as one who answers; a run answers nobody's review. */
export function answererOf(actor: Actor): Answerer | undefined {
  if (actor.kind === "account") return { kind: "account", name: actor.name };
  return actor.kind === "member" ? asAnswerer(actor) : undefined;
}

/**
 * The tools for reviews as this actor sees them: none where no live workflow could ask them. Deciding
 * is no right of a role: a reader may be named as reviewer, and is asked again when they decide.
 */
export function reviewTools({ live, identity }: ReviewPlace, actor: Actor): Tool[] {
  const by = answererOf(actor);
  const mine = tools.filter(({ name }) => mayUse(actor, identity(), { name, readOnly: true }));
  if (!by || mine.length === 0) return [];
  return asksOneOf(live, by) ? mine : [];
}

function asksOneOf(live: LiveItems, by: Answerer): boolean {
  return live.list().some((item) => reviewersIn(item).some((asked) => mayReview(asked, by)));
}

/** What was found in a version; it never changes. */
const known = new WeakMap<LiveItem, readonly (readonly string[])[]>();

/** The reviewers of every step that asks some, as written: templates and all. */
function reviewersIn(item: LiveItem): readonly (readonly string[])[] {
  if (item.kind !== "workflow") return [];
  const seen = known.get(item);
  if (seen) return seen;
  const all = item.definition.workflow.nodes.flatMap((node) => {
    const asked = reviewersOf(node);
    return asked ? [asked] : [];
  });
  known.set(item, all);
  return all;
}

/** Undefined: the step asks nobody in particular. */
function reviewersOf({ type, config }: WorkflowNode): readonly string[] | undefined {
  const definition = nodes[type];
  const parsed = definition?.config.safeParse(config);
  const { reviewers } = (parsed?.success ? parsed.data : config) as { reviewers?: unknown };
  if (Array.isArray(reviewers)) return reviewers.map(String);
  if (typeof reviewers === "string") return [reviewers];
  // A config with templates in it may not be read yet.
  return definition?.asksPeople && !parsed?.success ? [] : undefined;
}
