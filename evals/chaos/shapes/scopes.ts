import { defineShape, steps } from "./shape.ts";

const { send, put, kept, post, again, code, set, loop, parallel, review } = steps;
type Node = ReturnType<typeof review>;

const deep = [0, 1].flatMap((n) => [
  `outer[${n}]/fan[a]/inner[0]/deep`,
  `outer[${n}]/fan[a]/inner[1]/deep`,
  `outer[${n}]/fan[b]/side`,
]);

/** Reserves, charges, and takes both back when the third step comes to nothing. */
const saga = (ship: Node) => ({
  nodes: {
    book: kept,
    charge: post,
    ship,
    handler: {
      type: "error_handler",
      config: {
        covers: ["book", "charge", "ship"],
        cases: [{ port: "down", codes: ["*"] }],
        undo: { book: "unbook", charge: "refund" },
      },
    },
    unbook: kept,
    refund: kept,
    sorry: put,
  },
  edges: ["start > book", "book > charge", "charge > ship", "handler:down > sorry"],
  done: ["book", "handler[book]/unbook", "sorry"],
});

/** Steps inside steps. */
export const scopes = [
  defineShape("looped", {
    nodes: { each: loop(5, 2), one: put, two: set("{{ item }}"), after: again },
    edges: ["start > each", "each:each > one", "one > two", "each:done > after"],
    done: [...[0, 1, 2, 3, 4].map((n) => `each[${n}]/one`), "after"],
  }),
  defineShape("fan", {
    nodes: {
      fan: parallel(["a", "b", "c"]),
      left: put,
      mid: again,
      more: put,
      right: code,
      after: put,
    },
    edges: [
      "start > fan",
      "fan:a > left",
      "fan:b > mid",
      "mid > more",
      "fan:c > right",
      "fan:joined > after",
    ],
    done: ["fan[a]/left", "fan[b]/mid", "fan[b]/more", "after"],
  }),
  defineShape("nested", {
    nodes: {
      outer: loop(2, 2),
      fan: parallel(["a", "b"]),
      inner: loop(2, 1),
      deep: put,
      side: again,
      after: put,
    },
    edges: [
      "start > outer",
      "outer:each > fan",
      "fan:a > inner",
      "inner:each > deep",
      "fan:b > side",
      "outer:done > after",
    ],
    done: [...deep, "after"],
  }),
  defineShape("late", {
    nodes: {
      fan: parallel(["quick", "slow"], { on_error: "collect", branch_timeout_ms: 1_500 }),
      quick: set(1),
      slow: send("/held", "idempotent"),
      after: put,
    },
    edges: ["start > fan", "fan:quick > quick", "fan:slow > slow", "fan:joined > after"],
    done: ["after"],
    // Time passes for the dead too: then the quick branch may be late as well.
    ends: ["succeeded", "failed"],
    errors: ["parallel.branch-timeout"],
  }),
  defineShape("saga", saga(send("/refuse", "idempotent"))),
  defineShape("cancelled", {
    ...saga(review()),
    // Where the charge was uncertain the handler catches that before anybody cancels.
    ends: ["cancelled", "succeeded"],
    tended: "cancel",
  }),
];
