// What must hold after any number of power cuts, asked of the instance's own API and compared with what its callers hold in their hands.

import { verifyEvent, type Event } from "nostr-tools/pure";
import type { EventTemplate } from "../../src/protocol/event.ts";
import type { Question } from "./kill-askers.ts";
import type { Operator } from "./operator.ts";

export interface ActivityItem {
  readonly seq: number;
  readonly method: string;
  readonly effect: string;
  readonly connection: string | null;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

interface ConnectionItem {
  readonly id: string;
  readonly clientPubkey: string;
  readonly remoteSignerPubkey: string;
}

/** Who raced for one invite, and what each was told. */
export interface Race {
  readonly inviteId: string;
  readonly remoteSigner: string;
  readonly racers: readonly { readonly pubkey: string; readonly answers: ReadonlySet<string> }[];
}

const PAGE = 500;

export async function readActivity(operator: Operator): Promise<ActivityItem[]> {
  const items: ActivityItem[] = [];
  for (;;) {
    const after = items.at(-1)?.seq ?? 0;
    const page = await operator.call<{ items: ActivityItem[] }>("GET", `/activity?after=${after}&limit=${PAGE}`);
    items.push(...page.items);
    if (page.items.length < PAGE) return items;
  }
}

export async function readConnections(operator: Operator): Promise<ConnectionItem[]> {
  const items: ConnectionItem[] = [];
  for (let cursor = ""; ;) {
    const page = await operator.call<{ items: ConnectionItem[]; next: string | null }>("GET", `/connections${cursor}`);
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = `?cursor=${encodeURIComponent(page.next)}`;
  }
}

/** Two results for one request, a signature for something else, or one that does not verify. */
export function answerProblems(questions: readonly Question[], userPubkey: string): string[] {
  return questions.flatMap((question) => {
    const { name, answers, template } = question;
    if (answers.size > 1) return [`${name} has ${answers.size} different answers`];
    const event = signedIn([...answers][0]);
    if (event === undefined || template === undefined) return [];
    if (!verifyEvent(event) || event.pubkey !== userPubkey) return [`${name} got a signature that does not verify`];
    return fits(event, template) ? [] : [`${name} got a signature for something else`];
  });
}

/** The signed event inside an answer over either way, undefined for a refusal. */
export function signedIn(answer: string | undefined): Event | undefined {
  if (answer === undefined) return undefined;
  if (answer.startsWith("200 ")) return JSON.parse(answer.slice(4)) as Event;
  if (!answer.startsWith("{")) return undefined;
  const { result, error } = JSON.parse(answer) as { result?: string; error?: string };
  return error === undefined && result?.startsWith("{") === true ? (JSON.parse(result) as Event) : undefined;
}

/** The chain, and signatures in the activity against signatures in callers' hands: the same set, each once. */
export async function activityProblems(operator: Operator, questions: readonly Question[]): Promise<string[]> {
  const problems: string[] = [];
  const activity = await readActivity(operator);
  const check = await operator.call<{ ok: boolean; entries: number; problem?: string }>("GET", "/activity/verify");
  if (!check.ok) problems.push(`the chain is broken: ${check.problem}`);
  if (check.entries !== activity.length) problems.push(`the chain has ${check.entries} entries, the list ${activity.length}`);
  const recorded = activity.flatMap(({ facts }) => (typeof facts["signed"] === "string" ? [facts["signed"]] : []));
  const received = new Set(questions.flatMap(({ answers }) => [...answers].flatMap((answer) => signedIn(answer)?.id ?? [])));
  for (const id of received) if (!recorded.includes(id)) problems.push(`the activity does not know the signature ${id}`);
  for (const id of recorded) if (!received.has(id)) problems.push(`nobody ever got the signature ${id}`);
  if (new Set(recorded).size !== recorded.length) problems.push("something was signed twice");
  return problems;
}

/** A budget that more was asked of than it holds has to be spent to the last signature, and no further. */
export async function budgetProblems(operator: Operator, budget: number, counted: readonly Question[], connections: readonly string[]) {
  const activity = await readActivity(operator);
  const recorded = activity.filter(
    ({ connection, facts }) => facts["signed"] !== undefined && connections.includes(connection ?? ""),
  ).length;
  const received = counted.filter(({ answers }) => [...answers].some((answer) => signedIn(answer) !== undefined)).length;
  const expected = Math.min(budget, counted.length);
  return [
    ...(recorded === expected ? [] : [`the activity counts ${recorded} signatures under a budget of ${expected}`]),
    ...(received === expected ? [] : [`clients hold ${received} signatures under a budget of ${expected}`]),
  ];
}

/** One use, one connection: whoever was acknowledged has it, and nobody else. */
export async function raceProblems(operator: Operator, races: readonly Race[]): Promise<string[]> {
  const connections = await readConnections(operator);
  const { items: open } = await operator.call<{ items: { id: string }[] }>("GET", "/invites");
  return races.flatMap(({ inviteId, remoteSigner, racers }) => {
    const made = connections.filter(({ remoteSignerPubkey }) => remoteSignerPubkey === remoteSigner);
    const acknowledged = racers.filter(({ answers }) => [...answers].some((answer) => answer.includes('"ack"')));
    const winner = made[0]?.clientPubkey;
    return [
      ...(made.length === 1 ? [] : [`an invite with one use made ${made.length} connections`]),
      ...(acknowledged.length === 1 && acknowledged[0]?.pubkey === winner
        ? []
        : [`${acknowledged.length} of ${racers.length} racers were acknowledged for one invite`]),
      ...(open.some(({ id }) => id === inviteId) ? ["an invite is still open though its use is gone"] : []),
    ];
  });
}

function fits(event: Event, template: EventTemplate): boolean {
  return (
    event.kind === template.kind &&
    event.content === template.content &&
    event.created_at === template.created_at &&
    JSON.stringify(event.tags) === JSON.stringify(template.tags)
  );
}
