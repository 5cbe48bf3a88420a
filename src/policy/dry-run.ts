// What a draft would have done to requests that were recorded: asked one after another, with usage and history as they would have been.
// People's answers cannot be replayed, and plaintexts are not kept: what hangs on them counts against the request.

import type { EventTemplate } from "../protocol/event.ts";
import type { Circumstances, Decision, Effect, History, Question, Usage } from "./question.ts";
import type { Policy } from "./document.ts";
import { decide } from "./decide.ts";
import { NO_HISTORY } from "./examples.ts";
import { isAddressable } from "./kinds.ts";

export interface RecordedRequest {
  /** The number of its activity entry. */
  readonly seq: number;
  /** Milliseconds, our clock. */
  readonly at: number;
  readonly connection: string;
  readonly question: Question;
  readonly effect: Effect;
  readonly rules: readonly string[];
  readonly explanation: string;
  /** True where it was answered with a result in the end, at once or after approval. */
  readonly performed: boolean;
}

export interface ReplayedRequest {
  readonly request: RecordedRequest;
  readonly draft: Pick<Decision, "effect" | "rules"> & { readonly explanation: string };
  /** True where the draft is weaker: allow instead of ask or deny, ask instead of deny. */
  readonly loosened: boolean;
}

export interface DryRun {
  /** What the draft answers, over all requests. */
  readonly counts: Readonly<Record<Effect, number>>;
  /** How many went from the recorded effect (first) to the draft's (second). */
  readonly table: Readonly<Record<Effect, Readonly<Record<Effect, number>>>>;
  /** All of them, in order of time. */
  readonly replayed: readonly ReplayedRequest[];
  /** Those that end differently: loosened ones first, each group in order of time. */
  readonly changed: readonly ReplayedRequest[];
}

export interface Setting extends Pick<Circumstances, "user" | "ownHosts"> {
  /** What was signed before the first recorded request, where that is known. */
  readonly baseline?: History;
}

const STRICTNESS: Readonly<Record<Effect, number>> = { allow: 0, ask: 1, deny: 2 };

export function dryRun(draft: Policy, recorded: readonly RecordedRequest[], setting: Setting): DryRun {
  const [usage, history] = [new ReplayedUsage(), new ReplayedHistory(setting.baseline ?? NO_HISTORY)];
  const counts = emptyCounts();
  const table = { allow: emptyCounts(), ask: emptyCounts(), deny: emptyCounts() };
  const replayed: ReplayedRequest[] = [];
  for (const request of recorded.toSorted((a, b) => a.at - b.at || a.seq - b.seq)) {
    const { at: now, connection, question } = request;
    const decision = decide(draft, question, { now, connection, user: setting.user, ownHosts: setting.ownHosts, usage, history });
    counts[decision.effect] += 1;
    table[request.effect][decision.effect] += 1;
    const { effect, rules, reason: explanation } = decision;
    replayed.push({ request, draft: { effect, rules, explanation }, loosened: STRICTNESS[effect] < STRICTNESS[request.effect] });
    // What the draft asks about was performed if it was performed: nobody knows what people would have said this time.
    const performed = decision.effect === "allow" || (decision.effect === "ask" && request.performed);
    if (!performed) continue;
    for (const counter of decision.charges) usage.charge(counter, now);
    if (question.method === "sign_event") history.remember(question.event, now);
  }
  const changed = replayed.filter(({ request, draft }) => draft.effect !== request.effect);
  return { counts, table, replayed, changed: changed.toSorted((a, b) => Number(b.loosened) - Number(a.loosened)) };
}

function emptyCounts(): Record<Effect, number> {
  return { allow: 0, ask: 0, deny: 0 };
}

/** Charges in memory. They come in order of time, so that a window is found by halving. */
export class ReplayedUsage implements Usage {
  readonly #charges = new Map<string, number[]>();

  charge(counter: string, at: number): void {
    const charges = this.#charges.get(counter);
    if (charges === undefined) this.#charges.set(counter, [at]);
    else charges.push(at);
  }

  count(counter: string, since: number): number {
    const charges = this.#charges.get(counter) ?? [];
    return charges.length - firstSince(charges, since);
  }

  chargeAt(counter: string, since: number, index: number): number | undefined {
    const charges = this.#charges.get(counter) ?? [];
    return charges[firstSince(charges, since) + index];
  }
}

function firstSince(charges: readonly number[], since: number): number {
  let [low, high] = [0, charges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((charges[middle] ?? 0) < since) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What was signed, as far as the replay has come. */
export class ReplayedHistory implements History {
  readonly #baseline: History;
  readonly #latest = new Map<string, EventTemplate>();
  readonly #likenesses = new Map<string, number[]>();
  readonly #deletions: { at: number; targets: number }[] = [];

  constructor(baseline: History) {
    this.#baseline = baseline;
  }

  remember(event: EventTemplate, at: number): void {
    const address = addressOf(event.kind, event.tags.find(([name]) => name === "d")?.[1]);
    const last = this.latest(event.kind, event.tags.find(([name]) => name === "d")?.[1]);
    if (last === undefined || event.created_at >= last.created_at) this.#latest.set(address, event);
    const likeness = likenessKey(event);
    this.#likenesses.set(likeness, [...(this.#likenesses.get(likeness) ?? []), at]);
    if (event.kind === 5) this.#deletions.push({ at, targets: event.tags.filter(([name]) => name === "e" || name === "a").length });
  }

  latest(kind: number, identifier?: string): EventTemplate | undefined {
    return this.#latest.get(addressOf(kind, identifier)) ?? this.#baseline.latest(kind, identifier);
  }

  likenessCount(event: EventTemplate, since: number): number {
    const here = (this.#likenesses.get(likenessKey(event)) ?? []).filter((at) => at >= since).length;
    return here + this.#baseline.likenessCount(event, since);
  }

  deletionsSince(since: number): number {
    const here = this.#deletions.filter(({ at }) => at >= since).reduce((sum, { targets }) => sum + targets, 0);
    return here + this.#baseline.deletionsSince(since);
  }
}

function addressOf(kind: number, identifier = ""): string {
  return isAddressable(kind) ? `${kind}:${identifier}` : `${kind}`;
}

function likenessKey({ kind, tags, content }: EventTemplate): string {
  return JSON.stringify([kind, tags, content]);
}
