// The bunker as the owner of its relay links: says which relays are wanted for which keys, keeps their rows, signs their AUTH, and
// hands what they receive to the request path. The links themselves know none of this.

import type { NostrEvent } from "../../src/protocol/event.ts";
import { signEvent } from "../../src/protocol/event.ts";
import { toUnixSeconds, type EventId, type RemoteSignerPubkey } from "../../src/protocol/keys.ts";
import { normalizeRelayUrl } from "../../src/protocol/relay-url.ts";
import type { RelayView } from "../bunker-rpc.ts";
import { stateAt } from "./connections.ts";
import type { BunkerContext } from "./context.ts";
import { freshened, replaceByError } from "./late-answers.ts";
import type { Dial, PublishOutcome, RelayHealth, RelayLinksOwner, WantedRelay } from "./relay-links/port.ts";
import { RelayLinks } from "./relay-links/relay-links.ts";
import { isOwnRelay, outboundRelaysOf, relaySet } from "./relay-set.ts";
import type { StoredLetter } from "./outbox.ts";

const RELAY_LOGIN_KIND = 22_242; // NIP-42

// Only a shortcut: what is forgotten is found in the table.
const MAX_LETTERS_REMEMBERED = 10_000;

export class OutboundRelays implements RelayLinksOwner {
  readonly #context: () => BunkerContext;
  readonly #sql: SqlStorage;
  readonly #dial: Dial;
  #links: RelayLinks | undefined;
  /** One object a relay: limits on forged signatures bind the relay that they came over. */
  readonly #sources = new Map<string, object>();
  readonly #letters = new Map<string, number>();

  constructor(context: () => BunkerContext, sql: SqlStorage, dial: Dial) {
    this.#context = context;
    this.#sql = sql;
    this.#dial = dial;
  }

  /** Compares what is wanted with what is linked. Call when the object wakes and after anything that changes it. */
  refresh(): void {
    const wanted = this.wanted();
    if (wanted.length === 0 && this.#links === undefined) return;
    this.#links ??= new RelayLinks(this, { dial: this.#dial, now: () => Date.now(), random: Math.random, stored: this.#stored() });
    this.#links.wanted(wanted);
  }

  /** Every relay that some connection or open invite needs, with the keys that are spoken to there. */
  wanted(): WantedRelay[] {
    const context = this.#context();
    const { store } = context;
    const now = Date.now();
    const pubkeys = new Map<string, Set<RemoteSignerPubkey>>();
    const want = (relay: string, remoteSigner: RemoteSignerPubkey) => {
      if (isOwnRelay(context, relay)) return;
      pubkeys.set(relay, (pubkeys.get(relay) ?? new Set()).add(remoteSigner));
    };
    for (const connection of store.connections.listOutbound()) {
      if (stateAt(connection, now) === "expired") continue;
      for (const relay of outboundRelaysOf(context, connection)) want(relay, connection.remoteSigner);
    }
    for (const invite of store.invites.listOpenOutbound(now)) {
      for (const relay of new Set([...invite.relayUrls, ...relaySet(context, invite.relays)])) want(relay, invite.remoteSigner);
    }
    return [...pubkeys].map(([relay, keys]) => ({ relay, pubkeys: [...keys] }));
  }

  isWanted(): boolean {
    return this.#links !== undefined && this.#links.health().length > 0;
  }

  heartbeat(now: number): void {
    this.refresh();
    this.#links?.heartbeat(now);
    for (const letter of this.#context().store.outbox.unsent(now)) this.#publish(freshened(this.#context(), letter, now), letter.relays);
  }

  nextDue(now: number): number | undefined {
    return this.#links?.nextDue(now);
  }

  /** Sends over outbound relays. A stored letter is found again by its event when a relay answers. */
  send(event: NostrEvent, relays: readonly string[]): void {
    if (relays.length === 0) return;
    this.refresh();
    this.#links?.publish(event, relays);
  }

  views(): RelayView[] {
    return (this.#links?.health() ?? []).map((health) => ({
      url: health.relay,
      kind: "outbound",
      state: health.state,
      lastEventAt: isoOrNull(health.lastEventAt),
      lastOkAt: isoOrNull(health.lastOkAt),
      reconnects: health.reconnects,
      lastRefusal: health.lastRefusal,
    }));
  }

  close(): void {
    this.#links?.wanted([]);
    this.#links = undefined;
  }

  received(relay: string, event: NostrEvent): void {
    const source = this.#sources.get(relay) ?? {};
    this.#sources.set(relay, source);
    // What it answers is for embedded sockets; a relay takes no OK from us.
    void this.#context().path.receive(event, source, relay);
  }

  published(relay: string, eventId: EventId, outcome: PublishOutcome, _reason: string): void {
    const { outbox } = this.#context().store;
    const letter = this.#letterOf(eventId);
    if (letter === undefined) return;
    const others = letter.relays.filter((other) => normalizeRelayUrl(other) !== normalizeRelayUrl(relay));
    switch (outcome) {
      case "ok":
        outbox.markTaken(letter.id);
        outbox.setRelays(letter.id, others);
        break;
      case "gone":
      case "refused":
        outbox.setRelays(letter.id, others);
        break;
      case "too-large":
        this.#sayTooLarge(letter, relay, others);
        break;
      case "unanswered":
      case "unsent":
        // Stays in the outbox: tried again at the next heartbeat, in a fresh envelope when this one is too old.
        break;
    }
  }

  // NIP-42: AUTH as every remote-signer key of the link, never as the user.
  async authenticate(relay: string, challenge: string, pubkeys: readonly RemoteSignerPubkey[]): Promise<readonly NostrEvent[]> {
    const { keys } = this.#context().store;
    const template = {
      kind: RELAY_LOGIN_KIND,
      content: "",
      tags: [
        ["relay", relay],
        ["challenge", challenge],
      ],
      created_at: toUnixSeconds(Date.now()),
    };
    return pubkeys.map((pubkey) => signEvent(template, keys.remoteSignerSecretKey(pubkey)));
  }

  changed(relay: string, health: RelayHealth): void {
    this.#sql.exec("INSERT OR REPLACE INTO relay_links (relay, health) VALUES (?, ?)", relay, JSON.stringify(health));
    if (health.state !== "open") return;
    const now = Date.now();
    const { outbox } = this.#context().store;
    for (const letter of outbox.unsent(now)) {
      if (letter.relays.some((other) => normalizeRelayUrl(other) === normalizeRelayUrl(relay))) {
        this.#publish(freshened(this.#context(), letter, now), [relay]);
      }
    }
  }

  due(at: number): void {
    this.#context().alarm.armBy(at);
  }

  #publish(letter: StoredLetter, relays: readonly string[]): void {
    if (this.#letters.size >= MAX_LETTERS_REMEMBERED) this.#letters.clear();
    this.#letters.set(letter.event.id, letter.id);
    this.#links?.publish(letter.event, relays);
  }

  // A result that no relay takes must not leave the app waiting; one that another relay took is an answer already.
  #sayTooLarge(letter: StoredLetter, relay: string, others: readonly string[]): void {
    const { outbox } = this.#context().store;
    if (letter.offered) return outbox.setRelays(letter.id, others);
    const replaced = replaceByError(this.#context(), letter, "the answer is too large for this relay");
    if (replaced !== undefined) this.#publish(replaced, [relay, ...others]);
  }

  #letterOf(eventId: string): StoredLetter | undefined {
    const { outbox } = this.#context().store;
    const id = this.#letters.get(eventId);
    return id === undefined ? outbox.byEventId(eventId) : outbox.byId(id);
  }

  #stored(): RelayHealth[] {
    return this.#sql
      .exec<{ health: string }>("SELECT health FROM relay_links")
      .toArray()
      .map((row) => JSON.parse(row.health) as RelayHealth);
  }
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
