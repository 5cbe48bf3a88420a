// `/` for whoever is signed in, and the page that makes a bunker. Bunkers are asked side by side; one that fails leaves the others alone.

import { Hono, type Context } from "hono";
import type { BunkerSummary } from "../../../durable-objects/insight-rpc.ts";
import { logError } from "../../log.ts";
import { mailDriver } from "../../notify/mail-driver.ts";
import { workerMailPorts } from "../../notify/worker-ports.ts";
import type { Preferences } from "../../people/preferences.ts";
import { SORTINGS, type Sorting } from "../../views/home/bunker-cards.tsx";
import { HomePage } from "../../views/home/home.tsx";
import { NewBunkerPage } from "../../views/home/new-bunker.tsx";
import type { OnboardingFacts } from "../../views/home/onboarding.tsx";
import { authenticatePerson, isSignedIn, requirePerson, type PageEnv, type PersonEnv } from "../authenticate-person.ts";
import { bunkerOf, findAccount, findBunker } from "../context.ts";
import { waitingFor } from "../waiting.ts";
import { createBunker } from "../create-bunker.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { bunkerIdsOf, forgetGlances, framePerson } from "../frame.ts";
import { postedForm } from "./form.ts";
import { doneSentence } from "./done.ts";

const MAX_NAME = 100;

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  practice: "A practice request is on its way to everybody who may vote.",
  claimed: "This Countersign is yours.",
  deleted: "The bunker was deleted, and its key with it.",
};

export const home = new Hono<PersonEnv>();

home.use("/new/*", authenticatePerson, requirePerson);
home.use("/first-steps/*", authenticatePerson, requirePerson);

/** The page behind `/` for a visit that is signed in. */
export async function showHome(c: Context<PageEnv>): Promise<Response> {
  if (!isSignedIn(c.var.visit)) throw new RefusedError("unauthenticated", "this browser is not signed in any more");
  return homePage(c as unknown as Context<PersonEnv>);
}

async function homePage(c: Context<PersonEnv>): Promise<Response> {
  const { visit } = c.var;
  const { person } = visit;
  const [frame, ids] = await Promise.all([framePerson(c), bunkerIdsOf(c.env, visit)]);
  const answers = await Promise.all(ids.map((id) => summaryOf(c, id)));
  const bunkers = answers.flatMap((answer) => (answer !== null && "hours" in answer ? [answer] : []));
  const unreachable = answers.flatMap((answer) => (answer !== null && !("hours" in answer) ? [answer] : []));
  const counted = bunkers.map(({ id, name, userPubkey, pendingApprovals }) => ({ id, name, userPubkey, waiting: pendingApprovals }));
  const { items: waiting, unreached } = await waitingFor(c.env, visit, { ...frame, bunkers: counted });
  const named = unreachable.map(({ id }) => frame.bunkers?.find((bunker) => bunker.id === id)?.name ?? null);
  const page = {
    person: frame,
    bunkers,
    unreachable: [...named, ...unreached],
    waiting,
    zone: frame.zone,
    mayCreate: person.instanceOwner,
    instanceLocked: visit.instance.locked,
    onboarding: await onboardingOf(c, bunkers),
    sorting: sortingOf(c.req.query("sort")),
    search: (c.req.query("q") ?? "").slice(0, MAX_NAME),
    now: Date.now(),
    done: doneSentence(c, DONE),
  };
  return c.html(<HomePage {...page} />);
}

home.get("/new", async (c) => c.html(<NewBunkerPage person={await framePerson(c)} instanceLocked={c.var.visit.instance.locked} />));

home.post("/new", async (c) => {
  const { person, instance } = c.var.visit;
  const form = await postedForm(c);
  const name = form.line("name", "A name", MAX_NAME);
  const exportable = form.isTicked("exportable");
  if (form.errors.length > 0) {
    const page = { person: await framePerson(c), instanceLocked: instance.locked, name, exportable, errors: form.errors };
    return c.html(<NewBunkerPage {...page} />, 422);
  }
  const { id } = await createBunker(c.env, person, c.req.url, { name, exportable });
  forgetGlances(person.accountId);
  return c.redirect(`/b/${id}?done=created`, 303);
});

home.post("/first-steps/hide", (c) => setFirstSteps(c, "hidden"));
home.post("/first-steps/show", (c) => setFirstSteps(c, "shown"));

/** Kept by the account: what somebody put away on one device is not there on another. */
async function setFirstSteps(c: Context<PersonEnv>, firstSteps: Preferences["firstSteps"]): Promise<Response> {
  const { session, preferences } = c.var.visit;
  const account = findAccount(c.env, session.accountId);
  if (account === undefined) throw new RefusedError("unauthenticated", "this browser is not signed in any more");
  valueOf(await account.setPreferences(session.sessionSecret, { ...preferences, firstSteps }));
  return c.redirect("/", 303);
}

/** Null for a bunker that is gone or that they left; the id alone for one that does not answer. */
async function summaryOf(c: Context<PersonEnv>, id: string): Promise<BunkerSummary | { readonly id: string } | null> {
  try {
    const answer = await findBunker(c.env, id)?.summary(c.var.visit.person);
    if (answer?.ok === true) return answer.value;
    return answer?.refusal.code === "unavailable" ? { id } : null;
  } catch (error) {
    logError("page", { where: "home", error });
    return { id };
  }
}

/** For owners alone, who can take the steps, and while there is one bunker at most: whoever has two knows the way. */
async function onboardingOf(c: Context<PersonEnv>, bunkers: readonly BunkerSummary[]): Promise<OnboardingFacts | null> {
  const { person, publicUrl, preferences } = c.var.visit;
  if (!person.instanceOwner || bunkers.length > 1 || preferences.firstSteps === "hidden") return null;
  const [first] = bunkers;
  const bunker = first === undefined ? null : await firstBunkerFacts(c, first);
  const setup = mailDriver(
    c.env,
    publicUrl,
    workerMailPorts(() => undefined),
  );
  return { hasPasskey: person.hasPasskey, bunker, mailTrouble: setup.ok ? null : setup.reason };
}

async function firstBunkerFacts(c: Context<PersonEnv>, { id, name }: BunkerSummary): Promise<OnboardingFacts["bunker"]> {
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, id);
  const [connections, team, practice] = await Promise.all([
    stub.listConnections(person),
    stub.listMembers(person),
    stub.readPractice(person),
  ]);
  const apps = connections.ok ? connections.value.items.filter(({ state }) => state !== "revoked" && state !== "expired") : [];
  const emails = team.ok ? [...team.value.items, ...team.value.instanceOwners].map(({ email }) => email) : [];
  return {
    id,
    name,
    apps: apps.length,
    policyChosen: apps.some(({ policy }) => policy !== "ask-everything"),
    members: new Set(emails).size,
    practice: practice.ok ? practice.value : { state: "never", approvalId: null },
  };
}

function sortingOf(text: string | undefined): Sorting {
  return SORTINGS.find((sorting) => sorting === text) ?? "attention";
}
