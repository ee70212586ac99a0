import type { Builder } from "../harness/builder.ts";
import { type Lab, defineTask } from "../harness/task.ts";

/** Agents find what others published, pin it, and are not moved by later versions. */
export const registry = defineTask({
  name: "registry",
  title: "A function is published, found among others, installed pinned and called",
  async run(lab) {
    const author = await lab.agent("author-agent");
    const user = await lab.agent("user-agent", "1.x");
    const built = await author.build({ workspace: "tools", blueprint });
    for (const resource of built.resources) {
      await author.session.must("publish", {
        resource: resource.id,
        slug: `@author-agent/${resource.name.replaceAll("_", "-")}`,
        version: "1.0.0",
        readme: `What ${resource.name} does.`,
        visibility: "public",
      });
    }
    const found = await user.session.must("search_registry", {
      query: "turn a title into a url slug",
    });
    const hits = (found["hits"] ?? found["entries"] ?? []) as { slug: string }[];
    lab.check(
      "behave",
      "the right entry comes first",
      hits[0]?.slug === "@author-agent/slugify",
      hits.map((one) => one.slug),
    );
    const again = await author.session.call("publish", {
      resource: built.resources[0]?.id,
      slug: "@author-agent/slugify",
      version: "1.0.0",
      readme: "Changed.",
    });
    lab.check(
      "secure",
      "a published version cannot be changed",
      again.isError,
      again.text.slice(0, 200),
    );
    const squat = await user.session.call("publish", {
      resource: built.resources[0]?.id,
      slug: "@author-agent/other",
      version: "1.0.0",
    });
    lab.check(
      "secure",
      "nobody publishes under another's name",
      squat.isError,
      squat.text.slice(0, 200),
    );
    await installAndCall(lab, user);
  },
});

async function installAndCall(lab: Lab, user: Builder): Promise<void> {
  await user.session.must("create_workspace", { slug: "desk", name: "Desk" });
  await user.session.must("install", { entry: "@author-agent/slugify@1.0.0", workspace: "desk" });
  const token = await user.session.must("issue_token", {
    workspace: "desk",
    member: "lee",
    role: "developer",
    inline: true,
  });
  const member = await lab.connect("/ws/desk", String(token["token"]));
  const tools = (await member.listTools()).map((one) => one.name);
  const answer = await member.call(tools.find((one) => one.includes("slugify")) ?? "", {
    title: "Hello, World",
  });
  lab.check(
    "behave",
    "the installed entry works as a tool",
    answer.data["slug"] === "hello-world",
    answer.text,
  );
  const served = await fetch(
    new URL("/registry/@author-agent/slugify/1.0.0/adapters/openai.json", lab.url),
  );
  const etag = served.headers.get("etag");
  const cached = await fetch(served.url, { headers: { "If-None-Match": etag ?? "" } });
  lab.check(
    "operate",
    "adapters are served with an ETag",
    served.ok && etag !== null && cached.status === 304,
    [served.status, etag, cached.status],
  );
}

const text = (name: string, description: string, code: string) => ({
  name,
  description,
  code,
  input: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
});

const blueprint = {
  name: "text_tools",
  functions: [
    text(
      "slugify",
      "Turns a title into a URL slug.",
      `export default async function (input: { title: string }) {
  return { slug: input.title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") };
}`,
    ),
    text(
      "count_words",
      "Counts the words of a title.",
      `export default async function (input: { title: string }) {
  return { words: input.title.split(/\\s+/).filter(Boolean).length };
}`,
    ),
    text(
      "shout",
      "Writes a title in capitals.",
      `export default async function (input: { title: string }) { return { title: input.title.toUpperCase() }; }`,
    ),
  ],
};
