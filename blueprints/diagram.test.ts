import * as fc from "fast-check";
import { expect, it } from "vitest";
import { workflowSchema } from "./blueprint.ts";
import { toMermaid } from "./diagram.ts";

const workflow = workflowSchema.parse({
  name: "score",
  nodes: [
    { id: "start", type: "trigger" },
    { id: "end", type: "logic", title: 'Hot "lead"?' },
    { id: "notify", type: "send_message" },
    { id: "store", type: "action" },
  ],
  edges: [
    { from: "start", to: "end" },
    { from: "end", port: "hot", to: "notify" },
    { from: "end", port: "else", to: "store" },
    { from: "end", to: "nowhere" },
  ],
});

it("draws nodes, ports and the way a run took", () => {
  expect(
    toMermaid(workflow, { visited: ["start", "end", "notify", "gone"], failed: ["notify"] }),
  ).toBe(
    [
      "flowchart TD",
      '  n0(["start<br/><small>trigger</small>"])',
      '  n1{"Hot #34;lead#34;#63;<br/><small>logic</small>"}',
      '  n2["notify<br/><small>send_message</small>"]',
      '  n3["store<br/><small>action</small>"]',
      "  n0 --> n1",
      '  n1 -->|"hot"| n2',
      '  n1 -->|"else"| n3',
      "  classDef taken fill:#dcfce7,stroke:#15803d,color:#14532d",
      "  classDef failed fill:#fee2e2,stroke:#b91c1c,color:#7f1d1d",
      "  class n0,n1 taken",
      "  class n2 failed",
    ].join("\n"),
  );
});

it("keeps every label on its line and inside its quotes, whatever it says", () => {
  const line =
    /^ {2}(n\d+(\(\[|\{|\[)"[^"\n]*<br\/><small>[^"\n<>]*<\/small>"(\]\)|\}|\])|n\d+ -->(\|"[^"\n]*"\|)? n\d+)$/;
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "binary" }), (title, port) => {
      const nodes = [
        { id: "a", type: "x", title, config: {} },
        { id: "b", type: title, config: {} },
      ];
      const lines = toMermaid({ nodes, edges: [{ from: "a", port, to: "b" }] }).split("\n");
      expect(lines).toHaveLength(4);
      for (const one of lines.slice(1)) expect(one).toMatch(line);
    }),
  );
});
