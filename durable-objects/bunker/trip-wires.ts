// When an app behaves as if somebody else had it: it is refused again and again, asks for a kind that it never used, or runs into used-up
// limits. Each wire is off unless an owner or admin has set it. What follows when one is pulled is trip-wire.ts's affair.

import { oneOfKind } from "../../src/policy/kind-names.ts";
import type { Question } from "../../src/policy/question.ts";
import type { FamiliarName } from "../../src/presentation/material.ts";
import type { Verdict } from "../../src/signer/authorize.ts";
import type { Connection } from "./connections.ts";
import { APP_LEARNING_SECONDS, SAME_LIMIT_SECONDS, USED_UP_WINDOW_SECONDS } from "./limits.ts";
import type { BunkerStore } from "./store.ts";

/** Which wire, and what pulled it. */
export type Trip =
  | { readonly wire: "denials"; readonly times: number }
  | { readonly wire: "new-kind"; readonly kind: number }
  | { readonly wire: "used-up-limits"; readonly times: number };

/** Follows "as": "it was denied 20 times within a minute". */
export function tripCause(trip: Trip): string {
  switch (trip.wire) {
    case "denials":
      return `it was denied ${times(trip.times)} within a minute`;
    case "new-kind":
      return `it asked to sign ${oneOfKind(trip.kind)}, which it had never done before`;
    case "used-up-limits":
      return `it ran into used-up limits ${times(trip.times)} within a day`;
  }
}

export class TripWires {
  readonly #store: BunkerStore;

  constructor(store: BunkerStore) {
    this.#store = store;
  }

  /** Why this request is one too many, to be known before anything is done about it. Reads alone. */
  pulledBy(connection: Connection, question: Question, usedUp: readonly string[], now: number): Trip | undefined {
    const { settings, restoredAt } = this.#store.bunker.read();
    const { suspendOnNewKind, suspendAfterUsedUpLimits } = settings;
    if (suspendOnNewKind && question.method === "sign_event") {
      const { kind } = question.event;
      // Its first day is for showing what it does; a backup brings no memory of that back.
      const since = Math.max(connection.createdAt, restoredAt ?? 0);
      const isNew = now - since >= APP_LEARNING_SECONDS * 1000 && !this.#store.familiar.has(kindOfApp(connection, kind));
      if (isNew) return { wire: "new-kind", kind };
    }
    const fresh = suspendAfterUsedUpLimits === null ? [] : this.#notCountedYet(connection, usedUp, now);
    if (suspendAfterUsedUpLimits === null || fresh.length === 0) return undefined;
    const reached = this.#store.usage.count(usedUpCounter(connection), now - USED_UP_WINDOW_SECONDS * 1000) + fresh.length;
    return reached >= suspendAfterUsedUpLimits ? { wire: "used-up-limits", times: reached } : undefined;
  }

  /** A request that pulled no wire. Kinds are learnt whether or not a wire is set, so that it can be set later. */
  note(connection: Connection, question: Question, verdict: Verdict["kind"], usedUp: readonly string[], now: number): void {
    const { usage, familiar } = this.#store;
    // What is denied teaches nothing: asking for it again and again must not make it usual.
    if (question.method === "sign_event" && verdict !== "refuse") familiar.add([kindOfApp(connection, question.event.kind)]);
    for (const rule of this.#notCountedYet(connection, usedUp, now)) {
      usage.charge(limitCounter(connection, rule), now);
      usage.charge(usedUpCounter(connection), now);
    }
  }

  /** Whether this denial, now written, was one too many. */
  countDenial(connection: Connection, now: number): Trip | undefined {
    const { bunker, usage } = this.#store;
    const most = bunker.read().settings.suspendAfterDenials;
    if (most === null || connection.state !== "active") return undefined;
    const counter = `denials/${connection.id}`;
    usage.charge(counter, now);
    const denials = usage.count(counter, now - 60_000);
    return denials >= most ? { wire: "denials", times: denials } : undefined;
  }

  #notCountedYet(connection: Connection, usedUp: readonly string[], now: number): string[] {
    return usedUp.filter((rule) => this.#store.usage.count(limitCounter(connection, rule), now - SAME_LIMIT_SECONDS * 1000) === 0);
  }
}

/** Kept as a keyed hash: whoever can write the database can still not make a kind usual for an app. */
export function kindOfApp({ id }: Connection, kind: number): FamiliarName {
  return `app/${id}/${kind}`;
}

function limitCounter({ id, policy }: Connection, rule: string): string {
  return `used-up/${id}/${policy}/${rule}`;
}

function usedUpCounter({ id }: Connection): string {
  return `used-up/${id}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
