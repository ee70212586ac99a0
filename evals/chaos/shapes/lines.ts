import { defineShape, steps } from "./shape.ts";

const { send, put, post, again, code, set } = steps;
const ten = Array.from({ length: 10 }, (_, n) => [`n${n}`, set("{{ input.n }}")] as const);

/** Step after step, however they are started. */
export const lines = [
  defineShape("pure", { nodes: Object.fromEntries(ten) }),
  defineShape("chain", {
    nodes: { one: post, two: put, mid: set(1), three: again },
    done: ["one", "two", "three"],
    ends: ["succeeded", "failed"],
  }),
  defineShape("flaky", {
    nodes: {
      one: send("/flaky", "idempotent", { retry: { attempts: 5, delay_ms: 300 } }),
      two: send("/busy", "external", { on_uncertain: "retry", retry: { attempts: 5 } }),
      three: put,
    },
    done: ["one", "two", "three"],
  }),
  defineShape("coded", {
    nodes: { one: code, two: again, three: code, four: put },
    done: ["two", "four"],
  }),
  defineShape("asks", {
    nodes: { one: send("/post", "external", { on_uncertain: "ask" }), two: put },
    done: ["two"],
    ends: ["succeeded", "failed"],
    tended: "settle",
    share: 2,
  }),
  defineShape("hooked", {
    start: "webhook",
    nodes: { one: put, two: again },
    done: ["one", "two"],
  }),
  defineShape("ticks", {
    start: "schedule",
    nodes: { one: put, two: again },
    done: ["one", "two"],
    isSlow: true,
  }),
  defineShape("inner", { start: "workflow", nodes: { one: put, two: code }, done: ["one"] }),
  defineShape("outer", {
    nodes: {
      one: put,
      call: {
        type: "call_function",
        config: { workflow: "inner", input: { n: "{{ input.n }}" } },
      },
      two: again,
    },
    done: ["one", "two"],
  }),
];
