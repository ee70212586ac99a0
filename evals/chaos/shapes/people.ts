import { defineShape, steps } from "./shape.ts";

const { put, again, review } = steps;

const reviewed = (more: object = {}) => ({
  nodes: { one: put, review: review(more), yes: again, no: put },
  edges: ["start > one", "one > review", "review:approved > yes", "review:rejected > no"],
});

const agent = {
  type: "agent_loop",
  config: {
    goal: "Note three turns for {{ input.nonce }}.",
    model: "openai-compatible:tiny",
    functions: ["record"],
  },
};

/** Runs that wait for people, and agents that ask a model. */
export const people = [
  defineShape("review", { ...reviewed(), done: ["one"], tended: "decide" }),
  defineShape("parked", { ...reviewed(), ends: ["waiting"], share: 0.3 }),
  defineShape("deadline", {
    ...reviewed({ timeout_minutes: 1, on_timeout: "approved" }),
    done: ["one", "yes"],
    isSlow: true,
    share: 0.3,
  }),
  defineShape("agent", {
    nodes: { agent, after: put },
    edges: ["start > agent", "agent:done > after"],
    done: ["after"],
    ends: ["succeeded", "failed"],
    toolsOnce: "agent",
  }),
  defineShape("stubborn_agent", {
    nodes: { agent: { ...agent, on_uncertain: "retry" }, after: put },
    edges: ["start > agent", "agent:done > after"],
    done: ["after"],
  }),
];
