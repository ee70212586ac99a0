import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { place, services } from "#edge/gateway/gateway.fixture";
import { requestOf, set } from "#edge/workflow/run.fixture";
import { executeRun } from "#edge/workflow/start";

interface Page {
  readonly steps: { readonly id: string }[];
  readonly step_count: number;
  readonly next_after?: number;
  readonly error?: { readonly code: string };
}

/** A run with as many steps in a loop, and two around them; each says so much. */
async function ran(many: number, value: unknown = "{{ item }}") {
  const where = await place();
  const request = requestOf(
    {
      start: { type: "trigger" },
      each: { type: "loop", config: { items: "{{ input.items }}" } },
      one: set("last", value),
    },
    [
      ["start", "each"],
      ["each", "one", "each"],
    ],
    {
      workspaceId: where.identity.id,
      mode: "live",
      input: {
        items: Array.from({ length: many }, (_, index) => index),
        long: "x".repeat(900_000),
      },
    },
  );
  const { status } = await executeRun(services.env, request, 25_000);
  expect(status).toBe("succeeded");
  const read = async (query = ""): Promise<Page> => {
    const url = `https://aerostack.test/runs/${request.id}${query}`;
    const headers = { authorization: `Bearer ${where.ownerKey}` };
    return (await exports.default.fetch(url, { headers })).json<Page>();
  };
  /** All pages from the first to the last. */
  const walk = async (query: string) => {
    const pages: Page[] = [];
    for (let after: number | undefined = 0; after !== undefined; after = pages.at(-1)?.next_after)
      pages.push(await read(`?after=${after}${query}`));
    return pages;
  };
  return { read, walk };
}

const idsOf = (pages: readonly Page[]) => pages.flatMap(({ steps }) => steps.map(({ id }) => id));

it("a trace of many steps comes in pages that leave out none and say none twice", async () => {
  const { read, walk } = await ran(1_000);
  const first = await read();
  expect(first).toMatchObject({ step_count: 1_002, next_after: 1_000 });
  expect(first.steps).toHaveLength(1_000);
  const rest = await read("?after=1000");
  expect(rest.steps).toHaveLength(2);
  expect(rest).not.toHaveProperty("next_after");
  const ids = idsOf([first, rest]);
  expect(new Set(ids).size).toBe(1_002);
  expect(idsOf(await walk("&limit=300"))).toEqual(ids);
});

it("a trace that fits is one page, as it always was", async () => {
  const { read } = await ran(998);
  const page = await read();
  expect(page.steps).toHaveLength(1_000);
  expect(page.step_count).toBe(1_000);
  expect(page).not.toHaveProperty("next_after");
  expect(await read("?after=1000")).toMatchObject({ steps: [], step_count: 1_000 });
});

it("large steps make smaller pages", async () => {
  const { walk } = await ran(10, "{{ input.long }}");
  const pages = await walk("");
  expect(pages.length).toBeGreaterThan(1);
  expect(idsOf(pages)).toHaveLength(12);
  // One that is larger than a page alone, as the list of all outputs here, has a page to itself.
  const larger = pages.filter(({ steps }) => JSON.stringify(steps).length > 8_100_000);
  expect(larger.map(({ steps }) => steps.map(({ id }) => id))).toEqual([["each"]]);
});

it.each(["after=-1", "after=x", "limit=0", "limit=1001", "limit=1.5"])(
  "a page that cannot be (%s) is refused",
  async (query) => {
    const { read } = await ran(1);
    expect((await read(`?${query}`)).error?.code).toBe("run.bad-page");
  },
);
