// `/b/<id>/apps/connect`: a link of ours, or the code that an app shows. A link's secret is in one answer alone, so that answer is the
// page itself and no redirection.

import { Hono, type Context } from "hono";
import type { CreateInvite } from "../../../../durable-objects/bunker-rpc.ts";
import { durationSeconds } from "../../../policy/duration.ts";
import { isPresetName } from "../../../policy/presets.ts";
import { proposePolicy } from "../../../policy/proposal.ts";
import type { Effect } from "../../../policy/question.ts";
import { parseNostrConnect, type NostrConnect } from "../../../protocol/connection-uri.ts";
import { CodePage, ConnectPage, LIFETIMES, LinkPage, type TypedLink } from "../../../views/bunker/connect-app.tsx";
import type { FieldError } from "../../../views/forms.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { valueOf } from "../../errors.ts";
import { bunkerFrame, forgetGlances } from "../../frame.ts";
import { usesCamera } from "../../security-headers.ts";
import { postedForm, type PostedForm } from "../form.ts";
import { idOf } from "./id.ts";

const MAX_NAME = 100;
const DEFAULT_POLICY = "ask-everything";
const NOTHING_TYPED: TypedLink = {
  name: "",
  policy: DEFAULT_POLICY,
  expiresIn: "1h",
  relays: "embedded",
  confirm: false,
  interactive: false,
  nip04: false,
};
const RELAY_CHOICES = ["embedded", "all", "outbound"] as const;
const EFFECTS: readonly Effect[] = ["allow", "ask", "deny"];

export const connectApp = new Hono<PersonEnv>();

connectApp.get("/connect", usesCamera, async (c) => {
  const policy = c.req.query("policy") ?? DEFAULT_POLICY;
  return c.html(<ConnectPage {...await connectPage(c)} typed={{ ...NOTHING_TYPED, policy }} />);
});

connectApp.post("/connect/link", usesCamera, async (c) => {
  const form = await postedForm(c);
  const name = form.line("name", "A name", MAX_NAME);
  const typed = typedLink(form);
  if (form.errors.length > 0) return c.html(<ConnectPage {...await connectPage(c)} typed={typed} errors={form.errors} />, 422);
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const made = await stub.createInvite(person, inviteOf(typed, name));
  if (!made.ok && made.refusal.code === "conflict") form.wrong("policy", sentence(made.refusal.message));
  if (form.errors.length > 0) return c.html(<ConnectPage {...await connectPage(c)} typed={typed} errors={form.errors} />, 422);
  const { id, bunkerUrl, act } = valueOf(made);
  const [frame, fate] = await Promise.all([bunkerFrame(c, idOf(c), "apps"), stub.readInvite(person, id)]);
  return c.html(<LinkPage frame={frame} fate={valueOf(fate)} bunkerUrl={bunkerUrl} heldFor={act === null ? undefined : typed.policy} />);
});

connectApp.get("/links/:inviteId", async (c) => {
  const stub = bunkerOf(c.env, idOf(c));
  const [frame, fate] = await Promise.all([bunkerFrame(c, idOf(c), "apps"), stub.readInvite(c.var.visit.person, c.req.param("inviteId"))]);
  return c.html(<LinkPage frame={frame} fate={valueOf(fate)} />);
});

connectApp.post("/connect/code", usesCamera, async (c) => {
  const code = (await postedForm(c)).typed("code");
  const parsed = readCode(code);
  if ("message" in parsed) return badCode(c, code, parsed);
  const page = await codePage(c);
  const { lines } = proposePolicy("proposal", parsed.permissions);
  const name = parsed.metadata?.name === undefined ? "" : plainName(parsed.metadata.name);
  return c.html(<CodePage {...page} code={code} parsed={parsed} lines={lines} name={name} policy={DEFAULT_POLICY} />);
});

connectApp.post("/connect/code/accept", usesCamera, async (c) => {
  const form = await postedForm(c);
  const code = form.typed("code");
  const parsed = readCode(code);
  if ("message" in parsed) return badCode(c, code, parsed);
  const name = form.line("name", "A name", MAX_NAME);
  const choices = choicesOf(form, parsed);
  const { lines } = proposePolicy("proposal", parsed.permissions, choices);
  const chosen = form.typed("policy") || DEFAULT_POLICY;
  if (form.errors.length > 0) {
    return c.html(<CodePage {...await codePage(c)} {...{ code, parsed, lines, name, policy: chosen }} errors={form.errors} />, 422);
  }
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const wish = lines.some(({ effect }) => effect !== undefined) ? await proposalFor(c, name, parsed, choices) : { policy: chosen };
  const connected = await stub.nostrConnect(person, { uri: code, name, ...wish });
  if (!connected.ok && connected.refusal.code === "invalid") return badCode(c, code, relayError(connected.refusal.message));
  const { id, act } = valueOf(connected);
  forgetGlances(person.accountId);
  return c.redirect(`/b/${idOf(c)}/apps/${id}?done=${act === null ? "connected" : "connected-held"}`, 303);
});

/** Under a name that no policy has yet, so that nothing that others are under is changed. It is published with the connection. */
async function proposalFor(
  c: Context<PersonEnv>,
  appName: string,
  { permissions }: NostrConnect,
  choices: Readonly<Record<string, Effect>>,
): Promise<{ readonly policy: string; readonly proposal: unknown }> {
  const { items } = valueOf(await bunkerOf(c.env, idOf(c)).listPolicies(c.var.visit.person));
  const policy = freeName(
    policyNameFor(appName),
    items.map(({ name }) => name),
  );
  return { policy, proposal: proposePolicy(policy, permissions, choices).document };
}

/** A refusal's words as a sentence of the page. */
function sentence(message: string): string {
  return `${message[0]?.toUpperCase() ?? ""}${message.slice(1)}.`;
}

function policyNameFor(appName: string): string {
  const spelled = appName
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "");
  return spelled === "" ? "app" : spelled.slice(0, 48);
}

function freeName(name: string, taken: readonly string[]): string {
  const isFree = (one: string) => !taken.includes(one) && !isPresetName(one);
  if (isFree(name)) return name;
  for (let number = 2; ; number += 1) if (isFree(`${name}-${number}`)) return `${name}-${number}`;
}

function readCode(code: string): NostrConnect | FieldError {
  const scheme = /^([a-z][a-z0-9+.-]*:\/\/)/i.exec(code)?.[1];
  if (code !== "" && scheme?.toLowerCase() !== "nostrconnect://") {
    const what = scheme === undefined ? "This is no connect code" : `This starts with ${scheme.slice(0, 30)}`;
    return { field: "code", message: `${what}. A connect code starts with nostrconnect://.` };
  }
  const parsed = parseNostrConnect(code);
  return parsed.ok ? parsed.value : { field: "code", message: `This code cannot be used: ${parsed.problem}.` };
}

function relayError(message: string): FieldError {
  return { field: "code", message: `This code cannot be used: ${message.replace(/^uri: /, "")}. Let the app show another one.` };
}

/** An app's own name as a beginning for a member, who may change it: one line, nothing invisible. */
function plainName(name: string): string {
  return name
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_NAME);
}

function choicesOf(form: PostedForm, { permissions }: NostrConnect): Readonly<Record<string, Effect>> {
  const { lines } = proposePolicy("proposal", permissions);
  const entries = lines.flatMap(({ permission }) => {
    const effect = EFFECTS.find((each) => each === form.typed(`choice:${permission}`));
    return effect === undefined ? [] : [[permission, effect] as const];
  });
  return Object.fromEntries(entries);
}

function typedLink(form: PostedForm): TypedLink {
  return {
    name: form.typed("name"),
    policy: form.typed("policy") || DEFAULT_POLICY,
    expiresIn: form.choice(
      "expires-in",
      LIFETIMES.map(([value]) => value),
      "1h",
    ),
    relays: form.choice("relays", RELAY_CHOICES, "embedded"),
    confirm: form.isTicked("confirm"),
    interactive: form.isTicked("interactive"),
    nip04: form.isTicked("nip04"),
  };
}

function inviteOf({ policy, expiresIn, relays, confirm, interactive, nip04 }: TypedLink, name: string): CreateInvite {
  const choice = RELAY_CHOICES.find((each) => each === relays) ?? "embedded";
  return { name, policy, expiresInSeconds: durationSeconds(expiresIn), uses: 1, confirm, interactive, nip04, relays: choice };
}

async function connectPage(c: Context<PersonEnv>) {
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const [frame, policies, described] = await Promise.all([
    bunkerFrame(c, idOf(c), "apps"),
    stub.listPolicies(person),
    stub.describe(person),
  ]);
  const hasOutbound = valueOf(described).relays.some(({ kind }) => kind === "outbound");
  return { frame, policies: valueOf(policies).items, hasOutbound };
}

async function codePage(c: Context<PersonEnv>) {
  const { frame, policies } = await connectPage(c);
  return { frame, policies };
}

async function badCode(c: Context<PersonEnv>, code: string, error: FieldError) {
  return c.html(<ConnectPage {...await connectPage(c)} typed={NOTHING_TYPED} code={code} errors={[error]} />, 422);
}
