import type { Decision, Question } from "../request.ts";
import { isStandIn } from "../answers.ts";
import type { Build } from "./graph.ts";
import { unnamedReviewers } from "./review.ts";
import type { Understanding } from "./understand.ts";

const most = 3;

/** Why there is no blueprint. */
export type Unanswered = "question" | "unclear" | "computation";

/** What only the person can say, the costliest to get wrong first. */
export function askQuestions(build: Build, known: Understanding): Question[] {
  const questions: Question[] = [];
  for (const category of known.open) {
    questions.push({
      id: category.id,
      text: category.question,
      options: category.options,
      ...(category.options[0] ? { assumed: category.options[0] } : {}),
    });
  }
  const bot = build.bots[0];
  const talks = known.mentions.some(({ integration }) =>
    ["chat", "sms", "voice"].includes(integration.category),
  );
  if (bot && (bot.platforms ?? []).length === 0 && !talks) {
    questions.unshift({
      id: "channel",
      text: "Where do people talk to it?",
      options: ["slack", "telegram", "whatsapp", "an endpoint"],
      assumed: "an endpoint",
    });
  }
  const hasPlace = known.mentions.some(({ integration }) =>
    ["chat", "email", "sms"].includes(integration.category),
  );
  const unnamed = known.approval && unnamedReviewers(known.approval);
  const reviewers = build.decisions.find(({ id }) => id === unnamed);
  if (reviewers && !hasPlace)
    questions.unshift({
      id: reviewers.id,
      text: reviewers.text.replace("Who approves.", "Who approves?"),
      options: reviewers.options,
      assumed: reviewers.chosen,
    });
  if (known.needsApproval && !asksReviewers(build) && !hasPlace) {
    questions.unshift({
      id: "approver",
      text: "Who approves, and where are they reached?",
      options: ["slack", "email"],
      assumed: "slack",
    });
  }
  if (known.edits)
    questions.unshift({
      id: "which",
      text: "Which existing resource should change? Plan again with `refine`, or give its id; what is planned here is new.",
      options: [],
    });
  const seen = new Set<string>();
  return questions.filter(({ id }) => !seen.has(id) && seen.add(id)).slice(0, most);
}

/** A step waits for the decision, as against a message that asks for it. */
export function asksReviewers({ decisions }: Build): boolean {
  return decisions.some(({ id }) => id === "reviewers");
}

/**
 * 0..1: every open question, default and warning takes a part of it. An address or host that stands in for one
 * that nobody gave takes more than a default that would work.
 */
export function confidenceOf(
  questions: readonly Question[],
  decisions: readonly Decision[],
  warnings: readonly string[],
  guesses = 0,
): number {
  const value =
    0.97 *
    0.85 ** guesses *
    0.85 ** questions.length *
    0.97 ** Math.min(decisions.length, 10) *
    0.85 ** Math.min(decisions.filter(({ chosen }) => isStandIn(chosen)).length, 4) *
    0.93 ** Math.min(warnings.length, 5);
  return Math.round(value * 100) / 100;
}

/** For intents that are not about infrastructure, say too little, or ask for a computation that nobody has written. */
export function questionsFor(nature: Unanswered): Question[] {
  if (nature === "computation") {
    return [
      {
        id: "computation",
        text: "How is it computed? No finished function does this and no model is set up to write one: give the code, name a marketplace function, or configure a model.",
        options: ["my own code", "a marketplace function", "a model writes it"],
      },
    ];
  }
  if (nature === "question") {
    return [
      {
        id: "goal",
        text: "This reads like a question rather than something to build. What should run, and when?",
        options: [],
      },
    ];
  }
  return [
    { id: "goal", text: "What should happen, in one sentence?", options: [] },
    {
      id: "trigger",
      text: "What starts it?",
      options: ["a request", "a schedule", "a message", "an event in another service"],
    },
    { id: "result", text: "Where should the result go?", options: [] },
  ];
}
