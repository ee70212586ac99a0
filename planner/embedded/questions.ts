import type { Decision, Question } from "../request.ts";
import type { Build } from "./graph.ts";
import type { Understanding } from "./understand.ts";

const most = 3;

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
  if (
    known.needsApproval &&
    !known.mentions.some(({ integration }) =>
      ["chat", "email", "sms"].includes(integration.category),
    )
  ) {
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

/** 0..1: every open question, default and warning takes a part of it. */
export function confidenceOf(
  questions: readonly Question[],
  decisions: readonly Decision[],
  warnings: readonly string[],
): number {
  const value =
    0.97 *
    0.85 ** questions.length *
    0.97 ** Math.min(decisions.length, 10) *
    0.93 ** Math.min(warnings.length, 5);
  return Math.round(value * 100) / 100;
}

/** For intents that are not about infrastructure, or say too little. */
export function questionsFor(nature: "question" | "unclear"): Question[] {
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
