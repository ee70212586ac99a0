import { type Admission, type Graph, needSecret } from "./graph.ts";
import { connect, decide } from "./services.ts";
import type { SignIn } from "./sign-in-reading.ts";
import type { Writing } from "./steps.ts";
import type { Understanding } from "./understand.ts";

/** Where the work begins: behind the gate, or in a chat behind who is known already. */
export interface Entrance {
  readonly signIn: SignIn;
  readonly by: "email" | "phone";
  readonly place: "chat" | "request";
  readonly step: string;
}

const samples = { email: "ada@example.com", phone: "+4915112345678" } as const;
const called = { email: "e-mail address", phone: "phone number" } as const;

/** Where somebody is there to sign in: who sends a webhook can open a link, but sees no page for a code. */
function placeOf({ surfaces, signIn }: Understanding): Entrance["place"] | undefined {
  const [surface, ...others] = surfaces;
  if (others.length > 0) return undefined;
  if (surface === "bot") return "chat";
  const opensLink = surface === "webhook" && signIn?.method === "magic_link";
  return surface === "endpoint" || opensLink ? "request" : undefined;
}

/** Lets on only who proves an address. Undefined: the intent does not ask for it, or it cannot be built. */
export function addEntrance(writing: Writing): Entrance | undefined {
  const { build, known, graph } = writing;
  const { signIn } = known;
  const place = placeOf(known);
  const hasNodes = ["auth_gate", "logic", "action"].every((type) =>
    Object.hasOwn(build.catalogue, type),
  );
  if (!signIn || !place || !hasNodes) return undefined;
  const by = signIn.by ?? "email";
  if (signIn.by === undefined)
    build.decisions.push({
      id: "sign_in_by",
      text: "Where the code or link goes that signs a person in.",
      chosen: "email",
      options: ["email", "phone"],
    });
  build.decisions.push({
    id: "sign_in_who",
    text: "Who may sign in. Whoever reads what is sent to an address may; compare `identity.address` with yours to let in fewer.",
    chosen: "anybody",
    options: [],
  });
  const other =
    /\bcodes?\b[^,;.]{0,20}\b(?:whatsapp|telegram|slack|discord|signal|messenger)\b/i.exec(
      known.english.slice(signIn.from, signIn.to),
    );
  if (other)
    build.warnings.push(
      `"${other[0]}" is not planned: codes go by e-mail or SMS, here by ${by === "email" ? "e-mail" : "SMS"}.`,
    );
  if (place === "request") {
    const step = addGate(writing, { signIn, by }, `input.${by}`);
    return { signIn, by, place, step };
  }
  const when = "default(input.conversation.identity, null) != null";
  const step = graph.add(
    "logic",
    "signed_in",
    { cases: [{ port: "known", when }] },
    "Signed in already?",
  );
  letOn(graph, step, "known");
  return { signIn, by, place, step };
}

/** What comes behind this port is no choice that the data makes. */
function letOn(graph: Graph, step: string, port: string): void {
  graph.gates.add(step);
  graph.open = [{ from: step, port }];
}

function addGate(
  { build, known, graph }: Writing,
  { signIn, by }: Pick<Entrance, "signIn" | "by">,
  address: string,
): string {
  const deliver = by === "email" ? byMail(build) : bySms(build);
  const mention = known.askedBy;
  if (mention) connect(build, mention.integration, false, deliver.token);
  const step = graph.add(
    "auth_gate",
    "sign_in",
    {
      ...(signIn.method === "code" ? {} : { method: signIn.method }),
      to: `{{ trim(${address}) }}`,
      service: graph.name.replaceAll("_", " "),
      deliver,
    },
    `Sign in by ${called[by]}`,
  );
  letOn(graph, step, "verified");
  return step;
}

function byMail(build: Writing["build"]) {
  const purpose = "Resend API key that sends the e-mail.";
  const token = needSecret(build, "RESEND_API_KEY", purpose, { host: "api.resend.com" });
  const sender = "Sender of the e-mails, of a verified domain.";
  const from = decide(build, "email_from", sender, "Aerostack <hello@example.com>");
  return { provider: "resend", token, from };
}

function bySms(build: Writing["build"]) {
  const purpose = "Twilio auth token that sends the text message.";
  const token = needSecret(build, "TWILIO_AUTH_TOKEN", purpose, { host: "api.twilio.com" });
  const account = "Account SID of Twilio that sends the text messages.";
  const sender = "Twilio number that the codes come from, like +4915112345678.";
  return {
    provider: "twilio",
    account_sid: decide(build, "sign_in_account_sid", account, `AC${"0".repeat(32)}`),
    token,
    from: decide(build, "twilio_from", sender, "+10000000002"),
  };
}

/** Where all end who do not get to the work: added last, so that the work stands before it. */
export function endEntrance(writing: Writing, entrance: Entrance): void {
  const { build, graph } = writing;
  const { place, step } = entrance;
  const ends = graph.open;
  const worked = graph.nodes
    .map(({ id }) => id)
    .slice(graph.nodes.findIndex(({ id }) => id === step) + 1);
  if (worked.length === 0)
    build.warnings.push(
      "Only the sign-in is planned: say what whoever signed in gets, or which service has it.",
    );
  graph.admission =
    place === "request" ? endRequest(graph, entrance, worked) : endChat(writing, entrance, worked);
  graph.open = ends;
}

function endRequest(graph: Graph, { by, step }: Entrance, work: readonly string[]): Admission {
  graph.open = [{ from: step, port: "failed" }];
  const failed = say(graph, "not_signed_in", "not_signed_in", "outcome");
  return { gate: step, work, failed, person: { [by]: samples[by] }, field: by, chat: undefined };
}

function endChat(writing: Writing, entrance: Entrance, work: readonly string[]): Admission {
  const { graph } = writing;
  const { by, step } = entrance;
  const said = 'trim(default(input.message, ""))';
  const when =
    by === "email"
      ? `like(${said}, "*@*.*") and indexOf(${said}, " ") < 0`
      : `startsWith(${said}, "+") and size(${said}) > 7 and indexOf(${said}, " ") < 0`;
  graph.open = [{ from: step, port: "else" }];
  const title = `Is it an ${called[by]}?`.replace("an p", "a p");
  const address = graph.add("logic", "address_given", { cases: [{ port: "given", when }] }, title);
  const asked = [{ from: address, port: "else" }];
  graph.open = [{ from: address, port: "given" }];
  const gate = addGate(writing, entrance, 'default(input.message, "")');
  const welcomed = say(graph, "welcome", "You are signed in. What can I do for you?");
  graph.open = [{ from: gate, port: "failed" }];
  const failed = say(graph, "not_signed_in", "That did not work: you are not signed in.");
  graph.open = asked;
  const example = `Write only your ${called[by]}, like ${samples[by]}, to sign in.`;
  const asks = say(graph, "ask_address", example);
  const identity = { address: samples[by], channel: by, verified_at: "2026-01-01T00:00:00.000Z" };
  const person = { message: "Hello", conversation: { identity } };
  return {
    gate,
    work,
    failed,
    person,
    field: undefined,
    chat: { address, asks, welcomed, sample: samples[by] },
  };
}

function say(graph: Graph, id: string, value: string, name = "answer"): string {
  return graph.add(
    "action",
    id,
    { set: { name, value } },
    id === "outcome" ? "Not signed in" : undefined,
  );
}

/** The input schema with the address that the code goes to. */
export function withAddress(
  schema: Record<string, unknown>,
  entrance: Entrance | undefined,
): Record<string, unknown> {
  if (entrance?.place !== "request") return schema;
  const { by } = entrance;
  const required = new Set([...((schema["required"] ?? []) as string[]), by]);
  const own = (schema["properties"] ?? {}) as Record<string, unknown>;
  const description = `The ${called[by]} of the person who signs in.`;
  const properties = { [by]: { type: "string", description }, ...own };
  return { ...schema, type: "object", properties, required: [...required] };
}

/** With whether it was signed in, or in a chat with what is said instead; what nobody did is null. */
export function withAdmission({ admission }: Graph, output: unknown): unknown {
  if (!admission) return output;
  const isFields = typeof output === "object" && output !== null;
  const { received: _, ...own } = (isFields ? output : { result: output }) as Record<
    string,
    unknown
  >;
  const filled = Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, orNull(value)]),
  );
  const { chat, failed, gate } = admission;
  if (!chat) return { ...filled, signed_in: `{{ default(steps.${gate}.output.verified, false) }}` };
  const said = [chat.asks, chat.welcomed, failed].reduce(
    (rest, step) => `default(steps.${step}.output.value, ${rest})`,
    expressionOf(own["answer"]) ?? "null",
  );
  return { ...filled, answer: `{{ ${said} }}` };
}

function expressionOf(value: unknown): string | undefined {
  return typeof value === "string" ? /^\{\{ (.+) \}\}$/s.exec(value)?.[1] : undefined;
}

function orNull(value: unknown): unknown {
  const expression = expressionOf(value);
  return expression === undefined ? value : `{{ default(${expression}, null) }}`;
}
