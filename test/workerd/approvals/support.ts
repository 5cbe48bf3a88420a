// A bunker with people, an app that asks, and the mails that people get: everything comes in and goes out as it does in the product.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { Bunker } from "../../../durable-objects/bunker.ts";
import type { ApprovalView, CastVote, LinkView, VoteAnswer } from "../../../durable-objects/approvals-rpc.ts";
import { parseApprovalLink } from "../../../src/people/approval-link.ts";
import type { PersonPrincipal, Role } from "../../../src/people/principal.ts";
import { Nip46Client } from "../../support/nip46-client.ts";
import { joined, rpc } from "../people.ts";
import { connectedClient, newBunker, OPERATOR, storeOf, value, type BunkerStub } from "../support.ts";

export interface ReadMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The secret of its one link for voting; undefined in mails without. */
  readonly secret: string | undefined;
  readonly secrets: readonly string[];
}

const printed: string[] = [];

/** From here on the instance's terminal is read: on localhost it shows every mail. */
export function readMails(): void {
  const log = console.log.bind(console);
  vi.spyOn(console, "log").mockImplementation((text: unknown, ...rest: unknown[]) => {
    if (typeof text === "string" && text.startsWith("Mail to ")) printed.push(text);
    else log(text, ...rest);
  });
}

/** Mails that were sent since they were last asked for, by their readers; the bunker's outbox is emptied first. */
export async function mails(stub: BunkerStub): Promise<ReadMail[]> {
  // What approvals write in one alarm is sent by the next.
  await runAlarm(stub);
  await runAlarm(stub);
  const all = printed.splice(0).map((text) => {
    const [, to = "", subject = ""] = /^Mail to (\S+): (.*)$/m.exec(text) ?? [];
    const links = [...text.matchAll(/\/approve\/([A-Za-z0-9_-]{86})(?!\/stop)\s/g)].map(
      ([, link]) => parseApprovalLink(link ?? "")?.linkSecret ?? "",
    );
    const secrets = [...new Set(links)];
    return { to, subject, text, secret: secrets[0], secrets };
  });
  return all.toSorted((a, b) => (a.to < b.to ? -1 : 1));
}

/** What the alarm would do now, whenever it is set for. */
export async function runAlarm(stub: BunkerStub): Promise<void> {
  await runInDurableObject(stub, async (bunker: Bunker) => bunker.alarm());
}

export { runDurableObjectAlarm };

export interface Team {
  readonly stub: BunkerStub;
  readonly client: Nip46Client;
  readonly people: Readonly<Record<string, PersonPrincipal>>;
}

/** A bunker under a policy of its own, with these people and one connected app. */
export async function team(policy: Record<string, unknown>, people: Readonly<Record<string, Role>>, invite = {}): Promise<Team> {
  const stub = await newBunker();
  value(await rpc(stub).publishPolicy(OPERATOR, "news", { name: "news", default: "deny", ...policy }));
  const all: Record<string, PersonPrincipal> = {};
  for (const [name, role] of Object.entries(people)) all[name] = await joined(stub, role, `${name}@example.org`);
  const client = await connectedClient(stub, { name: "news-bot", policy: "news", ...invite });
  printed.splice(0);
  return { stub, client, people: all };
}

/** Sends a request and does not wait for its answer: only for the relay's OK. */
export async function ask(client: Nip46Client, method: string, params: readonly string[], id?: string, at?: number): Promise<string> {
  const wrapped = client.wrap(method, params, { ...(id !== undefined && { id }), ...(at !== undefined && { at }) });
  const { accepted, message } = await client.publish(wrapped.event);
  if (!accepted) throw new Error(`expected the request to be taken, got ${message}`);
  return wrapped.id;
}

export async function pending(stub: BunkerStub): Promise<readonly ApprovalView[]> {
  return value(await rpc(stub).listApprovals(OPERATOR, { state: "pending" })).items;
}

export async function approvals(stub: BunkerStub): Promise<readonly ApprovalView[]> {
  return value(await rpc(stub).listApprovals(OPERATOR, {})).items;
}

export async function only(stub: BunkerStub): Promise<ApprovalView> {
  const [first, ...others] = await approvals(stub);
  if (first === undefined || others.length > 0)
    throw new Error(`expected one approval, got ${others.length + (first === undefined ? 0 : 1)}`);
  return first;
}

export const look = (stub: BunkerStub, secret: string | undefined, person: PersonPrincipal | null = null): Promise<LinkView | null> =>
  rpc(stub).approvalByLink(secret ?? "", person);

/** Reads the page and votes with what it shows, everything ticked. */
export async function voteBy(
  stub: BunkerStub,
  secret: string | undefined,
  vote: CastVote["vote"],
  change: Partial<CastVote> = {},
  person: PersonPrincipal | null = null,
): Promise<VoteAnswer | null> {
  const page = await look(stub, secret, person);
  const approval = page?.link === "open" ? page.approval : undefined;
  const acknowledged = approval?.presentation?.critical.map(({ id }) => id) ?? [];
  return rpc(stub).voteByLink(
    secret ?? "",
    { vote, hash: approval?.hash ?? "", reason: "", acknowledged, fullTextOpened: true, ...change },
    person,
  );
}

export async function activity(
  stub: BunkerStub,
): Promise<readonly { method: string; effect: string; facts: Record<string, unknown>; explanation: string }[]> {
  return value(await rpc(stub).listActivity(OPERATOR, 0, 500)).items;
}

/** Looks into the tables beside the object. */
export function inStore<Value>(stub: BunkerStub, look: (store: ReturnType<typeof storeOf>, sql: SqlStorage) => Value): Promise<Value> {
  return runInDurableObject(stub, (_bunker: Bunker, state) => look(storeOf(state), state.storage.sql));
}

/** From now on the clock of everything is that much ahead. */
export function later(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
}

export const answersOf = (client: Nip46Client, id: string) => client.responses().filter((response) => response.id === id);
