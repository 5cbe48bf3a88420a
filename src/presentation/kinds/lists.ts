// Lists that are replaced as a whole: who is followed, and which relays are used. What is lost comes first.

import { count } from "../../policy/duration.ts";
import { hostOf } from "../../policy/hosts.ts";
import type { EventTemplate } from "../../protocol/event.ts";
import { parsePubkey } from "../../protocol/keys.ts";
import { normalizeRelayUrl } from "../../protocol/relay-url.ts";
import { nameWarnings } from "../links.ts";
import { peopleOf } from "../people.ts";
import type { FieldChange, Part, Piece, Sentence } from "../presentation.ts";
import { nothingToCompare, say, shortened, valuesOf, type Scene, type Shown } from "../scene.ts";
import { critical, olderThanLast, warn, type RankedWarning } from "../warning.ts";
import { host, said } from "../words.ts";

const MAX_LOST_SHARE = 0.1;
const MAX_LOST = 20;

export function followList(scene: Scene): Shown {
  const { event, material, bunker } = scene;
  const last = material.latest(3, "");
  const [before, after] = [last && followsOf(last), followsOf(event)];
  const lost = [...(before ?? [])].filter((key) => !after.has(key));
  const added = [...after].filter((key) => before?.has(key) !== true);
  const losing = lost.length > 0 ? ` (${lost.length} removed)` : "";
  const counts = `${number(before?.size ?? 0)} → ${number(after.size)}: ${number(added.length)} added, ${number(lost.length)} removed.`;
  return {
    phrase: `Change who ${bunker} follows`,
    namesBunker: true,
    wish: `change the follow list${losing}`,
    parts:
      before === undefined
        ? [
            say(after.size === 0 ? "The new list is empty: nobody." : `The new list has ${count(after.size, "person", "people")}.`),
            nothingToCompare(bunker, "a follow list", "list"),
            ...listOf("Followed", added, scene),
          ]
        : [say(counts), ...listOf("Removed", lost, scene), ...listOf("Added", added, scene)],
    warnings: [...olderThanLast(event, last, "follow list", true), ...lossOf(lost.length, before?.size ?? 0, after.size)],
  };
}

function number(amount: number): string {
  return amount.toLocaleString("en-US");
}

/** Each key once, as relays and apps count it. */
function followsOf(event: EventTemplate): Set<string> {
  return new Set(valuesOf(event, "p").filter((key) => parsePubkey(key) !== undefined));
}

function listOf(title: string, pubkeys: readonly string[], { material }: Scene): Part[] {
  if (pubkeys.length === 0) return [];
  const { items, more } = shortened(pubkeys);
  const people = peopleOf(items, (key) => material.nickname(key));
  return [
    {
      part: "list",
      title: `${title}, ${number(pubkeys.length)}`,
      items: people.map((person): Sentence => [{ is: "person", person }]),
      more,
    },
  ];
}

function lossOf(lost: number, before: number, after: number): RankedWarning[] {
  const advice = "Reject it unless somebody of the team wants exactly this.";
  const consequence = "The list replaces the old one everywhere; Countersign keeps no copy to go back to.";
  if (lost > 0 && (lost > before * MAX_LOST_SHARE || lost > MAX_LOST)) {
    const words = lost === 1 ? "1 follow is lost" : `${number(lost)} follows are lost`;
    const fact = `${words}: ${Math.round((lost / before) * 100)} % of the list.`;
    return [critical(`lost-follows-${lost}`, words, [fact], consequence, advice)];
  }
  if (after > 0) return [];
  return [critical("no-follows", "the follow list becomes empty", ["The new follow list is empty."], consequence, advice)];
}

const RELAY_LISTS: Readonly<Record<number, { tag: string; where: (bunker: string) => string; wish: string; what: string }>> = {
  10_002: { tag: "r", where: (bunker) => `Change where ${bunker} is found`, wish: "change the relay list", what: "relay list" },
  10_050: {
    tag: "relay",
    where: (bunker) => `Change where private messages reach ${bunker}`,
    wish: "change the relay list for private messages",
    what: "list of relays for private messages",
  },
};
export const RELAY_LIST_KINDS: ReadonlySet<number> = new Set(Object.keys(RELAY_LISTS).map(Number));

interface ListedRelay {
  /** As it was written. */
  readonly address: string;
  readonly use: string;
}

export function relayList(scene: Scene): Shown {
  const { event, material, bunker } = scene;
  const list = RELAY_LISTS[event.kind] ?? { tag: "r", where: () => "Change a relay list", wish: "change a relay list", what: "relay list" };
  const last = material.latest(event.kind, "");
  const [before, after] = [last && relaysOf(last, list.tag), relaysOf(event, list.tag)];
  const rows = relayChanges(before, after);
  return {
    phrase: list.where(bunker),
    namesBunker: true,
    wish: list.wish,
    parts: [
      ...(after.size === 0 ? [say("The new list names no relay.")] : []),
      ...(rows.length === 0 ? [] : [{ part: "fields" as const, rows }]),
      ...(last === undefined ? [nothingToCompare(bunker, `a ${list.what}`, "list")] : []),
    ],
    warnings: [
      ...olderThanLast(event, last, list.what, true),
      ...allOldGone(before, after),
      ...relayOddities(
        [...after].filter(([key]) => before?.has(key) !== true),
        scene,
      ),
    ],
  };
}

/** By the form that addresses are compared in; one that cannot be read stands for itself. */
function relaysOf(event: EventTemplate, tag: string): Map<string, ListedRelay> {
  const tags = event.tags.filter(([name]) => name === tag);
  return new Map(tags.map(([, address = "", use]) => [normalizeRelayUrl(address) ?? address, { address, use: useOf(tag, use) }]));
}

// NIP-65: a relay without a marker is for both.
function useOf(tag: string, marker: string | undefined): string {
  if (tag !== "r") return "receives";
  return marker === "read" ? "read" : marker === "write" ? "write" : "read and write";
}

function relayChanges(before: ReadonlyMap<string, ListedRelay> | undefined, after: ReadonlyMap<string, ListedRelay>): FieldChange[] {
  const removed = [...(before ?? [])].filter(([key]) => !after.has(key));
  const rows: FieldChange[] = removed.map(([, relay]) => ({ label: [relayPiece(relay)], change: "removed", was: [relay.use] }));
  const kept: FieldChange[] = [];
  for (const [key, relay] of after) {
    const old = before?.get(key);
    const label = [relayPiece(relay)];
    if (old === undefined) rows.push({ label, change: "added", willBe: [relay.use] });
    else if (old.use !== relay.use) rows.push({ label, change: "changed", was: [old.use], willBe: [relay.use] });
    else kept.push({ label, change: "same", was: [old.use], willBe: [relay.use] });
  }
  return [...rows, ...kept];
}

function relayPiece({ address }: ListedRelay): Piece {
  const name = hostOf(address);
  return name === undefined ? said(address, 200) : host(name);
}

function allOldGone(before: ReadonlyMap<string, ListedRelay> | undefined, after: ReadonlyMap<string, ListedRelay>): RankedWarning[] {
  if (before === undefined || before.size === 0 || [...before.keys()].some((key) => after.has(key))) return [];
  const words = before.size === 1 ? "the one old relay goes" : `all ${before.size} old relays go`;
  const fact = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
  const consequence = "Followers look for new posts at the new relays alone; whoever runs those decides what they see.";
  return [critical(`all-relays-go-${before.size}`, words, [fact], consequence, "Approve it only if you chose these relays.")];
}

function relayOddities(fresh: readonly (readonly [string, ListedRelay])[], { material }: Scene): RankedWarning[] {
  const advice = "Approve it only if you chose this relay.";
  return fresh.flatMap(([, { address }]): RankedWarning[] => {
    const name = hostOf(address);
    if (name === undefined)
      return [warn("unusual", "unreadable-relay", ["A relay whose address cannot be read: ", said(address, 200)], "Apps skip it.", advice)];
    const isPlain = /^ws:/i.test(address.trim());
    const plainWords = "Whoever is on the way can read and change what is sent.";
    return [
      ...nameWarnings([name]),
      ...(isPlain ? [warn("new", `plain-${name}`, [host(name), " is reached without encryption (ws://)."], plainWords, advice)] : []),
      ...(material.isFamiliar(`relay/${name}`)
        ? []
        : [warn("new", `relay-${name}`, ["First time that ", host(name), " is listed."], "Followers will look there.", advice)]),
    ];
  });
}
