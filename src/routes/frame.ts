// What the frame of a signed-in page shows: who looks, which bunkers they may see, what waits in each. Bunkers answer for themselves; what
// they said is remembered for seconds, so that a walk through pages does not wake all of them again and again.

import type { Context } from "hono";
import type { Glance } from "../../durable-objects/console-rpc.ts";
import type { Env } from "../env.ts";
import { logError } from "../log.ts";
import type { FrameBunker, FramePerson, Tab } from "../views/layout.tsx";
import type { BunkerState } from "../views/frame/bunker-head.tsx";
import type { PersonEnv, SignedInVisit } from "./authenticate-person.ts";
import { bunkerOf, findAccount, findBunker, instanceOf } from "./context.ts";
import { RefusedError, valueOf } from "./errors.ts";

/** Short enough that a count in the bar is never far off; the page's own facts are always read afresh. */
const REMEMBER_MS = 15_000;
/** A list longer than this is searched on Home, not scrolled in a menu. */
const MAX_GLANCES = 100;
const MAX_REMEMBERED = 500;

type Seen = { readonly glances: readonly Glance[]; readonly until: number };
const remembered = new Map<string, Seen>();

/** Who looks, for a page that belongs to no bunker. */
export async function framePerson(c: Context<PersonEnv>, fresh?: Glance): Promise<FramePerson> {
  const { visit } = c.var;
  const known = await glancesOf(c.env, visit);
  const others = known.filter(({ id }) => id !== fresh?.id);
  const glances = fresh === undefined ? known : [...others, fresh].toSorted((one, other) => one.name.localeCompare(other.name));
  const bunkers = glances.map(({ id, name, userPubkey, waiting }) => ({ id, name, userPubkey, waiting }));
  return {
    email: visit.person.email,
    formToken: visit.formToken,
    theme: visit.preferences.theme ?? undefined,
    zone: visit.preferences.zone ?? undefined,
    bunkers,
    waiting: bunkers.reduce((sum, { waiting }) => sum + waiting, 0),
    lastAsked: lastAskedOf(glances),
  };
}

function lastAskedOf(glances: readonly Glance[]): FramePerson["lastAsked"] {
  const asked = glances.flatMap(({ name: bunker, lastAsked }) => (lastAsked === null ? [] : [{ bunker, ...lastAsked }]));
  return asked.toSorted((one, other) => other.at.localeCompare(one.at))[0];
}

export interface BunkerFrame {
  readonly person: FramePerson;
  readonly bunker: FrameBunker;
  readonly instanceLocked: boolean;
}

/** The same with the head of one bunker; a 404 where whoever looks is no member. */
export async function bunkerFrame(c: Context<PersonEnv>, bunkerId: string, tab?: Tab): Promise<BunkerFrame> {
  const glance = valueOf(await bunkerOf(c.env, bunkerId).glance(c.var.visit.person));
  const { id, name, userPubkey, role, lock, waiting } = glance;
  if (role === null) throw new RefusedError("not-found", "no bunker has that id");
  const bunker = { id, name, userPubkey, state: stateOf(glance), lock, role, waiting, tab };
  return { person: await framePerson(c, glance), bunker, instanceLocked: c.var.visit.instance.locked };
}

/** Which bunkers a person may see: all of them for owners of the instance, else those that the account remembers. */
export async function bunkerIdsOf(env: Env, { person, session, instance }: SignedInVisit): Promise<readonly string[]> {
  if (!instance.owners.includes(person.accountId)) {
    const known = await findAccount(env, session.accountId)?.bunkers(session.sessionSecret);
    return known?.ok === true ? known.value.bunkerIds : [];
  }
  const ids: string[] = [];
  for (let cursor = ""; ids.length < MAX_GLANCES;) {
    const page = valueOf(await instanceOf(env).listBunkers(person, cursor));
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === null) break;
    cursor = page.next;
  }
  return ids.slice(0, MAX_GLANCES);
}

/** After something was done that changes what the bar says. */
export function forgetGlances(accountId: string): void {
  remembered.delete(accountId);
}

async function glancesOf(env: Env, visit: SignedInVisit): Promise<readonly Glance[]> {
  const { accountId } = visit.person;
  const known = remembered.get(accountId);
  if (known !== undefined && known.until > Date.now()) return known.glances;
  const ids = await bunkerIdsOf(env, visit);
  const answers = await Promise.all(ids.map((id) => glanceAt(env, id, visit)));
  const glances = answers.flatMap((glance) => glance ?? []);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(accountId, { glances, until: Date.now() + REMEMBER_MS });
  return glances;
}

/** Undefined for a bunker that is gone, that they left, or that does not answer now: the bar is no place for errors. */
async function glanceAt(env: Env, id: string, { person }: SignedInVisit): Promise<Glance | undefined> {
  try {
    const answer = await findBunker(env, id)?.glance(person);
    return answer?.ok === true && answer.value.role !== null ? answer.value : undefined;
  } catch (error) {
    logError("frame", { where: "glance", error });
    return undefined;
  }
}

export function stateOf({ lock, instanceLocked, relayTrouble, waiting }: Omit<Glance, "role">): BunkerState {
  if (lock !== null || instanceLocked) return "locked";
  if (relayTrouble) return "relay-trouble";
  return waiting > 0 ? "waiting" : "ready";
}
