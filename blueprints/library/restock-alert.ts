import type { BlueprintInput } from "../blueprint.ts";

/** Stock that runs low is ordered, and the warehouse hears of it. */
export const restockAlert: BlueprintInput = {
  name: "restock-alert",
  description: "Finds items that run low, orders them at the supplier and tells the warehouse.",
  functions: [
    {
      name: "find_low_stock",
      description: "Items below their minimum, each with the amount to order.",
      input: {
        type: "object",
        properties: {
          items: {
            type: "array",
            items: {
              type: "object",
              properties: {
                sku: { type: "string" },
                stock: { type: "number" },
                minimum: { type: "number" },
                sold_per_day: { type: "number", default: 0 },
              },
              required: ["sku", "stock", "minimum"],
            },
          },
        },
        required: ["items"],
      },
      output: {
        type: "object",
        properties: {
          orders: {
            type: "array",
            items: {
              type: "object",
              properties: { sku: { type: "string" }, amount: { type: "integer" } },
              required: ["sku", "amount"],
              additionalProperties: false,
            },
          },
        },
        required: ["orders"],
        additionalProperties: false,
      },
      code: `
interface Item { sku: string; stock: number; minimum: number; sold_per_day?: number }

/** Orders up to the minimum plus two weeks of sales. */
export default async function ({ items }: { items: Item[] }) {
  const low = items.filter((item) => item.stock < item.minimum);
  return {
    orders: low.map((item) => ({
      sku: item.sku,
      amount: Math.ceil(item.minimum - item.stock + 14 * (item.sold_per_day ?? 0)),
    })),
  };
}
`,
    },
  ],
  workflows: [
    {
      name: "restock",
      description:
        "Change the supplier's URL, and its host in egress and at the secret, to your own.",
      input: {
        type: "object",
        properties: { items: { type: "array" } },
        required: ["items"],
      },
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "find",
          type: "call_function",
          config: { function: "find_low_stock", input: { items: "{{ input.items }}" } },
        },
        {
          id: "any",
          type: "logic",
          config: { cases: [{ port: "low", when: "size(steps.find.output.orders) > 0" }] },
        },
        {
          id: "order",
          type: "action",
          config: {
            method: "POST",
            url: "https://api.supplier.example/orders",
            headers: { authorization: "Bearer {{ secrets.SUPPLIER_TOKEN }}" },
            body: { lines: "{{ steps.find.output.orders }}" },
          },
        },
        {
          id: "tell",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "WAREHOUSE_SLACK_URL",
            text: 'Ordered: {{ join(steps.find.output.orders.map(o, o.sku + " x " + string(o.amount)), ", ") }}',
          },
        },
      ],
      edges: [
        { from: "start", to: "find" },
        { from: "find", to: "any" },
        { from: "any", port: "low", to: "order" },
        { from: "order", to: "tell" },
      ],
      output: { orders: "{{ steps.find.output.orders }}", ordered: "{{ has(steps.order) }}" },
    },
  ],
  endpoints: [{ name: "stock", workflow: "restock" }],
  secrets: [
    { name: "SUPPLIER_TOKEN", purpose: "Orders at the supplier.", hosts: ["api.supplier.example"] },
    {
      name: "WAREHOUSE_SLACK_URL",
      purpose: "Incoming webhook of the warehouse channel.",
      kind: "url",
    },
  ],
  egress: ["api.supplier.example"],
  tests: [
    {
      name: "low items are ordered",
      target: { kind: "workflow", name: "restock" },
      input: {
        items: [
          { sku: "A1", stock: 2, minimum: 10, sold_per_day: 1.5 },
          { sku: "B2", stock: 50, minimum: 10 },
        ],
      },
      expect: {
        output: { orders: [{ sku: "A1", amount: 29 }], ordered: true },
        effects: [
          { node: "order", contains: '"amount":29' },
          { node: "tell", contains: "A1 x 29" },
        ],
      },
    },
    {
      name: "full shelves order nothing",
      target: { kind: "workflow", name: "restock" },
      input: { items: [{ sku: "B2", stock: 50, minimum: 10 }] },
      expect: { output: { orders: [], ordered: false }, no_effects: true },
    },
  ],
};
