// The set of links that an owner wants: one per relay, however the relay is spelled. Drives them by the owner's heartbeat; no timer of its own.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { RemoteSignerPubkey } from "../../../src/protocol/keys.ts";
import { normalizeRelayUrl } from "../../../src/protocol/relay-url.ts";
import type { Dial, RelayHealth, RelayLinksOwner, RelayLinksPort, WantedRelay } from "./port.ts";
import { RelayLink } from "./relay-link.ts";
import type { LinkTools } from "./relay-link.ts";
import { KEYS_PER_REQ } from "./subscriptions.ts";

/**
 * A firing alarm is what keeps an object with outbound sockets in memory: frames on them do not count, and an object without one is
 * evicted after 70 to 140 s. Half of the shortest of these, with a beat to spare.
 */
export const HEARTBEAT_MS = 30_000;

/** Relays without a link whose patience and counters are kept in memory, for the case that they are wanted again. */
const MAX_REMEMBERED = 100;

export interface RelayLinksOptions {
  readonly dial: Dial;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1): for jitter only, never for anything that must not be guessed. */
  readonly random: () => number;
  /** Rows that `changed` handed out earlier. */
  readonly stored: readonly RelayHealth[];
  readonly keysPerReq?: number;
}

export class RelayLinks implements RelayLinksPort {
  readonly #owner: RelayLinksOwner;
  readonly #options: RelayLinksOptions;
  readonly #tools: LinkTools;
  readonly #links = new Map<string, RelayLink>();
  /** What is known of relays without a link: from before the object slept, or from before they were left. */
  readonly #stored: Map<string, RelayHealth>;
  #lastBeatAt: number;
  #saidDue: number | undefined;

  constructor(owner: RelayLinksOwner, options: RelayLinksOptions) {
    this.#owner = owner;
    this.#options = options;
    const { dial, now, random, keysPerReq = KEYS_PER_REQ } = options;
    this.#tools = { dial, now, random, keysPerReq, rearm: () => this.#sayDue(now()) };
    this.#stored = new Map(options.stored.map((health) => [keyOf(health.relay), health]));
    this.#lastBeatAt = now();
  }

  wanted(wanted: readonly WantedRelay[]): void {
    const now = this.#options.now();
    if (this.#links.size === 0) {
      // The owner slept: whatever alarm was agreed on before is gone.
      this.#lastBeatAt = now;
      this.#saidDue = undefined;
    }
    const merged = mergeByRelay(wanted);
    for (const [key, link] of this.#links) if (!merged.has(key)) link.retire();
    this.#sweep(now);
    for (const [key, { relay, pubkeys }] of merged) {
      const link = this.#links.get(key) ?? new RelayLink(relay, this.#stored.get(key), this.#tools, this.#owner);
      link.setKeys([...pubkeys]);
      if (this.#links.has(key)) continue;
      this.#links.set(key, link);
      link.beat(now);
    }
    this.#sayDue(now);
  }

  publish(event: NostrEvent, relays: readonly string[]): void {
    const links = new Set<RelayLink>();
    for (const relay of relays) {
      const link = this.#links.get(keyOf(relay));
      if (link) links.add(link);
      else this.#owner.published(relay, event.id, "unsent", "not a wanted relay");
    }
    for (const link of links) link.publish(event);
  }

  heartbeat(now: number): void {
    this.#lastBeatAt = now;
    this.#saidDue = undefined;
    // Before as well as after: a link that has nothing left to do is not dialled again.
    this.#sweep(now);
    for (const link of this.#links.values()) link.beat(now);
    this.#sweep(now);
    this.#sayDue(now);
  }

  /** Counted from the last beat, not from `now`: an owner that asks at every frame must not push its alarm away for ever. */
  nextDue(now: number): number | undefined {
    if (this.#links.size === 0) return undefined;
    const dues = [...this.#links.values()].map((link) => link.dueAt(now)).filter((due) => due !== undefined);
    return Math.min(this.#lastBeatAt + HEARTBEAT_MS, ...dues);
  }

  health(): RelayHealth[] {
    const now = this.#options.now();
    return [...this.#links.values()].map((link) => link.health(now));
  }

  /** Everything at once, whatever is still on its way: the owner is no more. */
  end(): void {
    for (const link of this.#links.values()) link.end();
    this.#links.clear();
  }

  /** Ends links that nobody wants and that owe nobody an OK. */
  #sweep(now: number): void {
    for (const [key, link] of this.#links) {
      if (!link.isFinished) continue;
      this.#remember(key, link.health(now));
      this.#links.delete(key);
      link.end();
    }
  }

  #remember(key: string, health: RelayHealth): void {
    const oldest = this.#stored.size >= MAX_REMEMBERED ? this.#stored.keys().next().value : undefined;
    if (oldest !== undefined) this.#stored.delete(oldest);
    this.#stored.set(key, health);
  }

  #sayDue(now: number): void {
    const due = this.nextDue(now);
    if (due === undefined || (this.#saidDue !== undefined && this.#saidDue <= due)) return;
    this.#saidDue = due;
    this.#owner.due(due);
  }
}

function keyOf(relay: string): string {
  return normalizeRelayUrl(relay) ?? relay;
}

/** Two spellings of one relay are one link, spoken of by the first. */
function mergeByRelay(wanted: readonly WantedRelay[]): Map<string, { relay: string; pubkeys: Set<RemoteSignerPubkey> }> {
  const merged = new Map<string, { relay: string; pubkeys: Set<RemoteSignerPubkey> }>();
  for (const { relay, pubkeys } of wanted) {
    const known = merged.get(keyOf(relay));
    if (known) for (const pubkey of pubkeys) known.pubkeys.add(pubkey);
    else merged.set(keyOf(relay), { relay, pubkeys: new Set(pubkeys) });
  }
  return merged;
}
