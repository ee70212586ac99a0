import { capabilities } from "../vocabulary/capabilities.ts";
import { isMessaging } from "./act.ts";
import { blank } from "./approval-terms.ts";
import { decide } from "./services.ts";
import type { Entrance } from "./sign-in.ts";
import type { Writing } from "./steps.ts";
import { toName } from "./text.ts";
import type { Understanding } from "./understand.ts";

const toThem =
  /\b(?:tells?|telling|shows?|showing|gives?|giving|returns?|returning|lets?|letting) (?:them|him|her|(?:the )?(?:callers?|persons?|people|users?|customers?|visitors?|members?))\b(?: (?:see|read|know|look at|about|of|back))*(?: (?:all )?(?:their|his|her|the)(?: own)? ((?:(?!(?:and|or|then|in|on|by|from|to|with|after|before|if|when|only)\b)\w+ ?){1,2}))?/i;

/** Who signs in at an endpoint and is told something gets it as the answer: that is no message to others. */
export function withoutToldThem(known: Understanding): Understanding {
  const { english, mentions, signIn, surfaces } = known;
  if (!signIn || !surfaces.has("endpoint")) return known;
  const told = toThem.exec(english);
  const gone = [{ from: Math.max(0, signIn.from - 8), to: signIn.to }];
  if (told && !mentions.some(({ integration }) => isMessaging(integration)))
    gone.push({ from: told.index, to: told.index + told[0].length });
  const rest = blank(english, gone);
  const left = capabilities
    .filter(({ capability }) => capability === "notify" || capability === "branch")
    .filter(({ says }) => says.test(english) && !says.test(rest))
    .map(({ capability }) => capability);
  return {
    ...known,
    capabilities: new Set([...known.capabilities].filter((one) => !left.includes(one))),
  };
}

/** What is theirs is read by the address that they proved, where the intent names no service for it. */
export function readTheirs({ build, graph, known }: Writing, { by, place, step }: Entrance): void {
  const what = toThem.exec(known.english)?.[1]?.trim();
  if (place !== "request" || !what || graph.data !== "input" || known.mentions.length > 0) return;
  const id = toName(`fetch_${what}`);
  const asked = `URL that answers with the ${what} of whoever signed in, as JSON; it gets their address as \`${by}\`.`;
  const url = decide(build, `${id}_url`, asked, `https://${id.replaceAll("_", "-")}.example.com/`);
  build.egress.add(new URL(url).host);
  const query = { [by]: `{{ steps.${step}.output.identity.address }}` };
  const read = graph.add(
    "action",
    id,
    { method: "GET", url, query },
    `Read their ${what}`.slice(0, 80),
  );
  graph.data = `steps.${read}.output.body`;
  graph.text = undefined;
}
