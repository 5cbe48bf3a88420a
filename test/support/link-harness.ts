// Relay links with an owner that writes everything down, a clock that the test moves, and real sockets.

import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import type { Event } from "nostr-tools/core";
import { makeAuthEvent } from "nostr-tools/nip42";
import type { Dial, PublishOutcome, RelayHealth, RelayLinksOwner, WantedRelay } from "../../durable-objects/bunker/relay-links/port.ts";
import { RelayLinks } from "../../durable-objects/bunker/relay-links/relay-links.ts";
import type { NostrEvent } from "../../src/protocol/event.ts";
import type { RemoteSignerPubkey } from "../../src/protocol/keys.ts";
import { createNodeDial } from "./node-dial.ts";

export interface Signer {
  readonly secretKey: Uint8Array;
  readonly pubkey: RemoteSignerPubkey;
}

export interface Published {
  readonly relay: string;
  readonly eventId: string;
  readonly outcome: PublishOutcome;
  readonly reason: string;
}

export function newSigner(): Signer {
  const secretKey = generateSecretKey();
  return { secretKey, pubkey: getPublicKey(secretKey) as RemoteSignerPubkey };
}

/** An event of the signer's kind, from a fresh app or from the given author. */
export function requestTo(pubkey: string, options: { content?: string; kind?: number; author?: Uint8Array; at?: number } = {}): NostrEvent {
  const template = {
    kind: options.kind ?? 24_133,
    content: options.content ?? "sealed",
    tags: [["p", pubkey]],
    created_at: options.at ?? Math.floor(Date.now() / 1000),
  };
  return asOurs(finalizeEvent(template, options.author ?? generateSecretKey()));
}

/** The library's event as it looks on the wire: without the symbol that marks it as verified. */
export function asOurs(event: Event): NostrEvent {
  return JSON.parse(JSON.stringify(event)) as NostrEvent;
}

/** Resolves when the condition holds; the test runner's own timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Resolves after everything that is on its way over loopback has had its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
}

export class LinkHarness {
  readonly received: { relay: string; event: NostrEvent }[] = [];
  readonly published: Published[] = [];
  readonly changes: RelayHealth[] = [];
  readonly dues: number[] = [];
  readonly authRounds: (readonly string[])[] = [];
  readonly dialled: string[];
  readonly links: RelayLinks;
  now = Date.now();
  readonly #closeAll: () => void;

  constructor(
    signers: readonly Signer[],
    options: { stored?: readonly RelayHealth[]; keysPerReq?: number; random?: () => number; dial?: Dial; now?: number } = {},
  ) {
    this.now = options.now ?? this.now;
    const node = createNodeDial();
    this.dialled = node.dialled;
    this.#closeAll = () => node.closeAll();
    const owner: RelayLinksOwner = {
      received: (relay, event) => void this.received.push({ relay, event }),
      published: (relay, eventId, outcome, reason) => void this.published.push({ relay, eventId, outcome, reason }),
      changed: (_relay, health) => void this.changes.push(health),
      due: (at) => void this.dues.push(at),
      authenticate: async (relay, challenge, pubkeys) => {
        this.authRounds.push(pubkeys);
        return signers
          .filter((signer) => pubkeys.includes(signer.pubkey))
          .map((signer) => asOurs(finalizeEvent(makeAuthEvent(relay, challenge), signer.secretKey)));
      },
    };
    this.links = new RelayLinks(owner, {
      dial: options.dial ?? node.dial,
      now: () => this.now,
      random: options.random ?? (() => 0),
      stored: options.stored ?? [],
      ...(options.keysPerReq === undefined ? {} : { keysPerReq: options.keysPerReq }),
    });
  }

  want(...wanted: WantedRelay[]): void {
    this.links.wanted(wanted);
  }

  /** Moves the clock and beats as the owner's alarm does: at each moment that was due. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.links.nextDue(this.now);
      if (due === undefined || due > end) break;
      this.now = Math.max(this.now, due);
      this.links.heartbeat(this.now);
      // A beat that leaves something due at once would turn the alarm into a loop: the test sees it as a missing change.
      if (this.links.nextDue(this.now) === due) break;
    }
    this.now = end;
  }

  health(relay: string): RelayHealth {
    const health = this.links.health().find((each) => each.relay === relay);
    if (!health) throw new Error("expected a link to that relay, got none");
    return health;
  }

  async open(relay: string): Promise<void> {
    await until(() => this.health(relay).state === "open");
  }

  outcomes(): string[] {
    return this.published.map((each) => each.outcome);
  }

  close(): void {
    this.links.wanted([]);
    this.#closeAll();
  }
}
