// What people approve and when that is enough. Pure: the caller reads votes, members and rules in the transaction that acts on the answer.

import type { Asking, Question } from "../policy/question.ts";
import { canonicalJson } from "../protocol/json.ts";
import type { Role } from "../people/principal.ts";
import { keyedHash } from "../sealing/derive.ts";
import { bytesToHex } from "@noble/hashes/utils.js";

/** How sure it is who voted, weakest first. */
export const STRENGTHS = ["link", "signed-in", "passkey"] as const;
export type Strength = (typeof STRENGTHS)[number];

export function isAtLeast(strength: Strength, wanted: Strength): boolean {
  return STRENGTHS.indexOf(strength) >= STRENGTHS.indexOf(wanted);
}

/** Somebody who belongs to the bunker now. */
export interface Person {
  readonly accountId: string;
  readonly email: string;
  readonly role: Role;
  readonly hasPasskey: boolean;
}

export interface Vote {
  readonly accountId: string;
  readonly vote: "approve" | "reject";
  readonly strength: Strength;
  /** Ids of the rules that asked when it was cast: it says nothing about others. */
  readonly rules: readonly string[];
  /** Ids of the critical facts that were ticked. */
  readonly acknowledged: readonly string[];
}

/** What an approval asks for at this moment. */
export interface Demand {
  readonly askings: readonly Asking[];
  /** The account of the member who made the connection; undefined where none did. */
  readonly requester: string | undefined;
  readonly strength: Strength;
  /** Ids of the critical facts as they are now. */
  readonly critical: readonly string[];
}

/** One rule that asks, and who has answered it. */
export interface Tally {
  readonly asking: Asking;
  /** Accounts whose approval counts here. */
  readonly counted: readonly string[];
  /** Accounts that could still vote here. */
  readonly open: readonly string[];
}

const HASH_LABEL = "countersign/approval/v1";

/**
 * Names a payload: the same for exactly the same request of the same connection, and for nothing else. Keyed, because of a message that
 * is to be encrypted people see the size alone, and a bare hash would let them try guesses.
 */
export function payloadHash(
  hashKey: Uint8Array,
  bunkerId: string,
  connectionId: string,
  question: Question,
  ciphertext: string | undefined,
): string {
  const named = [HASH_LABEL, bunkerId, connectionId, question.method, paramsOf(question, ciphertext)];
  return bytesToHex(keyedHash(hashKey, canonicalJson(named)));
}

function paramsOf(question: Question, ciphertext: string | undefined): unknown {
  switch (question.method) {
    case "sign_event": {
      const { kind, created_at, tags, content } = question.event;
      return { kind, created_at, tags, content };
    }
    case "nip04_encrypt":
    case "nip44_encrypt":
      return { counterparty: question.counterparty, plaintext: question.plaintext ?? "" };
    case "nip04_decrypt":
    case "nip44_decrypt":
      return { counterparty: question.counterparty, ciphertext: ciphertext ?? "" };
  }
}

/** The beginning of a hash as people compare it: "7f3a 91c2 04be". 48 bits: enough to tell requests apart, not to prove anything. */
export function fingerprintOf(hash: string): string {
  return [0, 4, 8].map((at) => hash.slice(at, at + 4)).join(" ");
}

/** Why this person has no vote on it; undefined where some rule lets them vote. */
export function whyNoVote(person: Person, { askings, requester }: Pick<Demand, "askings" | "requester">): "role" | "requester" | undefined {
  const byRole = askings.filter((asking) => hasRole(person, asking));
  if (byRole.length === 0) return "role";
  return byRole.some((asking) => !asking.notRequester || person.accountId !== requester) ? undefined : "requester";
}

export function tally(demand: Demand, votes: readonly Vote[], people: readonly Person[]): Tally[] {
  return demand.askings.map((asking) => {
    const eligible = people.filter((person) => whyNoVote(person, { ...demand, askings: [asking] }) === undefined);
    const counts = ({ accountId }: Person) => votes.some((vote) => vote.accountId === accountId && isCounted(vote, asking, demand));
    return {
      asking,
      counted: eligible.filter(counts).map(({ accountId }) => accountId),
      open: eligible.filter((person) => !counts(person)).map(({ accountId }) => accountId),
    };
  });
}

/** An approval counts for a rule that was shown to whoever gave it, and with it what had to be ticked. */
function isCounted(vote: Vote, asking: Asking, demand: Demand): boolean {
  if (vote.vote !== "approve" || !vote.rules.includes(asking.rule)) return false;
  return isAtLeast(vote.strength, demand.strength) && demand.critical.every((fact) => vote.acknowledged.includes(fact));
}

/** Each rule's quorum by itself; one vote may count in several. No rule at all is no approval. */
export function isSatisfied(tallies: readonly Tally[]): boolean {
  return tallies.length > 0 && tallies.every(({ asking, counted }) => counted.length >= asking.need);
}

/** Whether the people there are could still give what is asked for. */
export function isWithinReach(tallies: readonly Tally[]): boolean {
  return tallies.every(({ asking, counted, open }) => counted.length + open.length >= asking.need);
}

/** Which strength a vote needs: the bunker's setting, or a passkey where any rule wants one. */
export function strengthFor(askings: readonly Asking[], setting: Strength): Strength {
  return askings.some((asking) => asking.passkey) ? "passkey" : setting;
}

/**
 * What must be met when a policy changed between asking and signing: the rules and quorums that were shown, and those in force, each as
 * strict as the stricter of the two.
 */
export function stricterOf(shown: readonly Asking[], current: readonly Asking[]): Asking[] {
  const kept = shown.map((one) => {
    const now = current.find(({ rule }) => rule === one.rule);
    return now === undefined ? one : stricter(one, now);
  });
  return [...kept, ...current.filter(({ rule }) => !shown.some((one) => one.rule === rule))];
}

function stricter(shown: Asking, current: Asking): Asking {
  const both = shown.from.filter((role) => current.from.includes(role));
  const delays = [shown.vetoAfterSeconds, current.vetoAfterSeconds];
  const longest = Math.max(...delays.map((delay) => delay ?? 0));
  return {
    rule: shown.rule,
    need: Math.max(shown.need, current.need),
    // Nobody has both roles: then those in force now decide, and the votes that were given by others do not count.
    from: both.length > 0 ? both : current.from,
    withinSeconds: Math.min(shown.withinSeconds, current.withinSeconds),
    passkey: shown.passkey || current.passkey,
    notRequester: shown.notRequester || current.notRequester,
    ...(delays.includes(undefined) ? {} : { vetoAfterSeconds: longest }),
  };
}

function hasRole({ role }: Person, { from }: Asking): boolean {
  return role !== "viewer" && from.includes(role);
}
