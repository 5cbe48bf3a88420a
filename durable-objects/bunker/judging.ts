// The gate as it stands in this bunker: everything that a decision rests on is read from storage, the decision is made, and what it
// allows is performed and recorded. Runs inside the transaction of whoever asks: the request path, HTTP, or a completed approval.

import type { Policy } from "../../src/policy/document.ts";
import type { Circumstances, Question } from "../../src/policy/question.ts";
import { familiarNames } from "../../src/presentation/familiar.ts";
import { fitsEnvelope } from "../../src/protocol/envelope.ts";
import { sameRelay } from "../../src/protocol/relay-url.ts";
import { likenessOf } from "../../src/protocol/likeness.ts";
import { successResponse, WIDEST_REQUEST_ID } from "../../src/protocol/signer-message.ts";
import { openSeal } from "../../src/protocol/user-cipher.ts";
import { ACTIVITY_METHOD_MAX_LENGTH, type ActivityDraft } from "../../src/signer/activity.ts";
import { authorize, TOO_MANY_REFUSED, type Standing, type Verdict } from "../../src/signer/authorize.ts";
import type { Meaning } from "../../src/signer/interpret.ts";
import { perform } from "../../src/signer/perform.ts";
import type { RelayChoice } from "../bunker-rpc.ts";
import type { Asked, Requester } from "./approvals/asked.ts";
import { ciphertextFact } from "./comparison.ts";
import type { BunkerKeys } from "./bunker-keys.ts";
import { isLocked } from "./bunker-row.ts";
import { stateAt, type Connection } from "./connections.ts";
import { MAX_INBOX_ROWS, REFUSED_ATTEMPTS_PER_MINUTE } from "./limits.ts";
import { sealRecorded } from "./recorded-requests.ts";
import type { Roster } from "./roster.ts";
import type { BunkerStore } from "./store.ts";
import { tripCause, TripWires, type Trip } from "./trip-wires.ts";
import { attemptsCounter } from "./usage-log.ts";
import type { ReplyMark } from "./replies.ts";

/** An outbound relay's URL, or the embedded relay. */
export type Via = "embedded" | (string & { readonly outbound?: true });

/** Every request but the first: a `connect` is judged by the invite. */
export type Wish = Exclude<Meaning, { kind: "connect" }>;
export type AskVerdict = Extract<Verdict, { kind: "ask" }>;
export type PerformVerdict = Extract<Verdict, { kind: "perform" }>;
export type RefuseVerdict = Extract<Verdict, { kind: "refuse" }>;

/** What came of a verdict: the answer for whoever asked, and what the activity shall know of it. */
export interface Outcome {
  readonly answer: { readonly result: string } | { readonly error: string };
  readonly draft: Omit<ActivityDraft, "actor" | "method" | "connection">;
  /** Counters to charge. */
  readonly charges: readonly string[];
  readonly question?: Question;
  readonly endsConnection: boolean;
  /** Why the app is to be suspended with it. */
  readonly trip?: Trip;
}

export type Judged =
  /** `throttled`: too many were refused before, so the answer costs no entry of its own. */
  | { readonly kind: "answered"; readonly outcome: Outcome; readonly throttled: boolean }
  /** It waits for people; whoever asked hears nothing yet. All of it is written. `isNew`: nobody had asked for this before. */
  | { readonly kind: "held"; readonly approvalId: string; readonly isNew: boolean }
  /** Nothing was written: this must be there first, and nothing in a transaction can wait for it. */
  | { readonly kind: "needs"; readonly what: "key" | "people" };

/** Nothing was written: this must be there first, and nothing in a transaction can wait for it. */
export interface Needs {
  readonly needs: "key" | "people";
}

/** What was tried already, so that it is not asked for again. */
export interface Tried {
  /** What the client hears where what was needed could not be had. */
  readonly failed?: string;
}

export interface JudgingOwner {
  readonly store: BunkerStore;
  /** The relays that an invite with that choice names now. */
  relaySet(choice: RelayChoice): readonly string[];
  ownHosts(): readonly string[];
  policy(name: string): Policy | undefined;
  /** Hands what a rule asks about to people, inside the caller's transaction. */
  askPeople(connection: Connection, verdict: AskVerdict, requester: Requester, now: number): Asked;
  /** An app has pulled a trip wire: it is to be suspended, in this transaction. */
  tripped(connection: Connection, trip: Trip, now: number): void;
  wakeBy(at: number): void;
}

export const KEY_SERVICE_DOWN = "temporarily unavailable: the key service does not answer, try again later";
const HOUSEKEEPING_AFTER_MS = 900_000;

export class Judging {
  readonly #owner: JudgingOwner;
  readonly #wires: TripWires;

  constructor(owner: JudgingOwner) {
    this.#owner = owner;
    this.#wires = new TripWires(owner.store);
  }

  /** Reads everything again that a decision rests on: it may have changed while something was waited for. */
  judge(connection: Connection, wish: Wish, asked: { readonly via: Via } & Requester, now: number, tried: Tried = {}): Judged {
    return usingKey(this.#owner.store.keys, now, () => this.#judge(connection, wish, asked, now, tried));
  }

  #judge(connection: Connection, wish: Wish, asked: { readonly via: Via } & Requester, now: number, tried: Tried): Judged {
    const standing = this.#standing(connection, asked.via, now);
    const verdict = this.#verdict(wish, standing, now);
    const isHeard = standing.state === "active" && !standing.locked && wish.kind === "question";
    const trip = isHeard ? this.#wires.pulledBy(connection, wish.question, usedUpIn(verdict), now) : undefined;
    if (trip !== undefined) return settled(stopped(trip, connection, wish.kind === "question" ? wish.question : undefined));
    const judged = this.#answer(connection, wish, verdict, asked, standing, now, tried);
    if (isHeard && judged.kind !== "needs") this.#wires.note(connection, wish.question, verdict.kind, usedUpIn(verdict), now);
    return judged;
  }

  #answer(connection: Connection, wish: Wish, verdict: Verdict, asked: Requester, standing: Standing, now: number, tried: Tried): Judged {
    const { store } = this.#owner;
    switch (verdict.kind) {
      case "answer":
        return settled({
          answer: { result: verdict.result },
          draft: { effect: "allow", rules: [], explanation: verdict.explanation, facts: {} },
          charges: [],
          endsConnection: verdict.ends === "connection",
        });
      case "ask":
        return this.#ask(connection, verdict, asked, standing, now, tried);
      case "refuse":
        return refused(verdict, connection, wish.kind === "question" ? wish.question : undefined);
      case "perform":
        // A provisional allow has not seen what is inside: nothing is released on it.
        if (store.keys.isUserKeyOpen(now) && verdict.decision.provisional !== true) return settled(this.perform(verdict, connection, now));
        return tried.failed === undefined ? { kind: "needs", what: "key" } : settled(keptWaiting(verdict, tried.failed));
    }
  }

  /** What the gate says at this moment, for a request that was held: how often its app was refused lately is no reason any more. */
  verdict(connection: Connection, wish: Wish, now: number): Verdict {
    return this.#verdict(wish, { ...this.#standing(connection, "embedded", now), refusedAttempts: 0 }, now);
  }

  perform({ question, ciphertext, decision }: PerformVerdict, connection: Connection, now: number): Outcome {
    const { store } = this.#owner;
    const user = store.bunker.read().userPubkey;
    const done = store.keys.useUserKey(now, (userSecretKey) => perform(question, ciphertext, userSecretKey, user));
    const facts = { ...factsOf(question, ciphertext), ...(done.ok && ciphertextFact(question, done.result)) };
    const draft = { effect: "allow" as const, rules: decision.rules, explanation: decision.reason };
    if (!done.ok) {
      const failed = { ...draft, facts: { ...facts, failed: true } };
      return { answer: { error: done.error }, draft: failed, charges: [attemptsCounter(connection.id)], question, endsConnection: false };
    }
    // Measured as the client gets it: escaped once more, beside any id that a request may have.
    if (!fitsEnvelope(successResponse(WIDEST_REQUEST_ID, done.result))) {
      const error = "the answer is too large to be delivered";
      return { answer: { error }, draft: { ...draft, facts: { ...facts, failed: true } }, charges: [], question, endsConnection: false };
    }
    return {
      answer: { result: done.result },
      draft: { ...draft, facts: done.signed === undefined ? facts : { ...facts, signed: done.signed.id } },
      charges: decision.charges,
      question,
      endsConnection: false,
    };
  }

  /** Appends the outcome to the activity, with what is known of its reply, and charges it. Answers the number of the entry. */
  record(connection: Connection, actor: string, method: string, outcome: Outcome, now: number, reply: readonly ReplyMark[] = []): number {
    const { store } = this.#owner;
    const { question } = outcome;
    for (const counter of outcome.charges) store.usage.charge(counter, now);
    const signed = "result" in outcome.answer && question?.method === "sign_event";
    if (signed) store.history.remember(question.event, now);
    if ("result" in outcome.answer && question !== undefined) store.familiar.add(familiarNames(question));
    const { seq } = store.activity.append(
      { ...outcome.draft, actor, method: method.slice(0, ACTIVITY_METHOD_MAX_LENGTH), connection: connection.id },
      now,
      {
        likeness: signed ? likenessOf(question.event) : null,
        sealed: question === undefined ? null : sealRecorded(store.keys, question),
        reply,
      },
    );
    store.connections.touch(connection, now);
    // After everything else that is written of this connection: whoever trips the wire is suspended in the same act.
    const isDenied = "error" in outcome.answer && outcome.draft.effect === "deny";
    const trip = outcome.trip ?? (isDenied ? this.#wires.countDenial(connection, now) : undefined);
    if (trip !== undefined) this.#owner.tripped(connection, trip, now);
    this.#owner.wakeBy(now + HOUSEKEEPING_AFTER_MS);
    return seq;
  }

  #verdict(wish: Wish, standing: Standing, now: number): Verdict {
    const verdict = authorize(wish, standing);
    if (verdict.kind !== "perform" || verdict.decision.provisional !== true) return verdict;
    return this.#owner.store.keys.isUserKeyOpen(now) ? authorize(this.#withSealAuthor(wish, now), standing) : verdict;
  }

  #ask(connection: Connection, verdict: AskVerdict, requester: Requester, standing: Standing, now: number, tried: Tried): Judged {
    // A new question is bounded by how many may wait; one that is repeated, or dated anew, again and again is not.
    if (standing.refusedAttempts >= standing.refusedAttemptsMax) return refused(tooMany(verdict), connection, verdict.question);
    const asked = this.#owner.askPeople(connection, verdict, requester, now);
    switch (asked.kind) {
      case "held":
        return asked;
      case "needs":
        return tried.failed === undefined ? asked : settled(keptWaiting(verdict, tried.failed));
      case "known":
        return settled(asked.outcome);
      case "nobody": {
        const { question, decision } = verdict;
        const error = `needs approval: ${decision.clientReason}, ${asked.clientReason}`;
        return refused(notAsked(verdict, error, `${decision.reason} ${asked.reason}`), connection, question);
      }
    }
  }

  #standing(connection: Connection, via: Via, now: number): Standing {
    const { store } = this.#owner;
    const bunker = store.bunker.read();
    const circumstances: Circumstances = {
      now,
      user: bunker.userPubkey,
      connection: connection.id,
      usage: store.usage,
      history: store.history,
      ownHosts: this.#owner.ownHosts(),
    };
    return {
      user: bunker.userPubkey,
      locked: isLocked(bunker),
      state: stateAt(connection, now),
      refusedAttempts: store.usage.count(attemptsCounter(connection.id), now - 60_000),
      refusedAttemptsMax: REFUSED_ATTEMPTS_PER_MINUTE,
      switchTo: hasMoved(connection, via) ? null : this.#owner.relaySet(connection.relays),
      policy: this.#owner.policy(connection.policy),
      circumstances,
    };
  }

  // NIP-59: a wrap's author is a one-time key, so who really wrote is only known once it is opened; the policy decides on that.
  #withSealAuthor(wish: Wish, now: number): Wish {
    if (wish.kind !== "question" || wish.question.method !== "nip44_decrypt") return wish;
    const { counterparty } = wish.question;
    const ciphertext = wish.ciphertext ?? "";
    const seal = this.#owner.store.keys.useUserKey(now, (userSecretKey) => openSeal(userSecretKey, counterparty, ciphertext));
    return { ...wish, question: { ...wish.question, sealAuthor: seal?.author ?? "none" } };
  }
}

/** All that one act does with an opened key is one use of it: it may look inside a wrap, and then open the wrap. */
export function usingKey<Value>(keys: BunkerKeys, now: number, act: () => Value): Value {
  return keys.isUserKeyOpen(now) ? keys.useUserKey(now, act) : act();
}

/** Waits for what was not there, and acts again; still `needs` where it could not be had. */
export async function actWhenThere<Acted extends object>(
  first: Acted | Needs,
  { store, roster }: { readonly store: BunkerStore; readonly roster: Roster },
  act: () => Acted | Needs,
): Promise<Acted | Needs> {
  let acted = first;
  // A key that is opened for one use may have served another request that waited with this one: then it is opened again.
  for (let turn = 0; "needs" in acted && turn < MAX_INBOX_ROWS; turn += 1) {
    if (acted.needs === "people") await roster.learn(Date.now());
    else if (!(await opens(store.keys))) return acted;
    acted = act();
  }
  return acted;
}

/** False when the key service did not open it; why, its notes tell. */
async function opens(keys: BunkerKeys): Promise<boolean> {
  try {
    await keys.openUserKey();
    return true;
  } catch {
    return false;
  }
}

function settled(outcome: Outcome): Judged {
  return { kind: "answered", outcome, throttled: false };
}

/** The rules whose budget this request found used up. */
function usedUpIn(verdict: Verdict): readonly string[] {
  if (verdict.kind === "refuse") return verdict.usedUp ?? [];
  return verdict.kind === "ask" ? (verdict.decision.usedUp ?? []) : [];
}

/** What a taken-over app asks for must not be done, nor wait for people: it hears what every later request of it will hear. */
function stopped(trip: Trip, connection: Connection, question: Question | undefined): Outcome {
  return {
    answer: { error: "denied by policy: this connection is suspended" },
    draft: {
      effect: "deny",
      rules: [],
      explanation: `A trip wire: ${tripCause(trip)}.`,
      facts: question === undefined ? {} : factsOf(question, undefined),
    },
    charges: [attemptsCounter(connection.id)],
    ...(question === undefined ? {} : { question }),
    endsConnection: false,
    trip,
  };
}

function refused(verdict: RefuseVerdict, connection: Connection, question: Question | undefined): Judged {
  const draft = { effect: verdict.effect, rules: verdict.rules, explanation: verdict.explanation };
  return {
    kind: "answered",
    throttled: verdict.throttled,
    outcome: {
      answer: { error: verdict.error },
      draft: { ...draft, facts: question === undefined ? {} : factsOf(question, undefined) },
      charges: verdict.counts && !verdict.throttled ? [attemptsCounter(connection.id)] : [],
      ...(question === undefined ? {} : { question }),
      endsConnection: false,
    },
  };
}

/** A request that a rule asks about, and that people are not asked about. */
function notAsked({ decision }: AskVerdict, error: string, explanation: string): RefuseVerdict {
  return { kind: "refuse", error, effect: "ask", rules: decision.rules, explanation, counts: true, throttled: false };
}

function tooMany(verdict: AskVerdict): RefuseVerdict {
  return { ...notAsked(verdict, TOO_MANY_REFUSED, verdict.decision.reason), throttled: true };
}

function keptWaiting(verdict: PerformVerdict | AskVerdict, error: string): Outcome {
  const explanation = `${verdict.decision.reason} It could not be done now: ${error.replace(/^temporarily unavailable: /, "")}.`;
  return {
    answer: { error },
    draft: {
      effect: verdict.decision.effect,
      rules: verdict.decision.rules,
      explanation,
      facts: { ...factsOf(verdict.question, undefined), failed: true },
    },
    charges: [],
    question: verdict.question,
    endsConnection: false,
  };
}

/** What the activity keeps of a question: kinds, sizes and public keys, never text. */
export function factsOf(question: Question, ciphertext: string | undefined): Record<string, string | number> {
  switch (question.method) {
    case "sign_event":
      return { kind: question.event.kind, characters: question.event.content.length, createdAt: question.event.created_at };
    case "nip04_encrypt":
    case "nip44_encrypt":
      return { counterparty: question.counterparty, characters: question.plaintext?.length ?? 0 };
    case "nip04_decrypt":
    case "nip44_decrypt":
      return ciphertext === undefined
        ? { counterparty: question.counterparty }
        : { counterparty: question.counterparty, characters: ciphertext.length };
  }
}

/** True when the client is where it should be: it has nothing to switch to. */
function hasMoved(connection: Connection, via: Via): boolean {
  return connection.clientRelays.length === 0 || (connection.switchedAt !== null && !cameOverOld(connection, via));
}

export function cameOverOld(connection: Connection, via: Via): boolean {
  return connection.clientRelays.some((relay) => sameRelay(relay, via));
}
