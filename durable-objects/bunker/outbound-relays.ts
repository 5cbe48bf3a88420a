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
import type { SecondLine } from "./second-line.ts";
import { RelayLinks } from "./relay-links/relay-links.ts";
import { isOwnRelay, outboundRelaysOf, relaySet } from "./relay-set.ts";
import type { StoredLetter } from "./outbox.ts";
import { noteReply } from "./replies.ts";

const RELAY_LOGIN_KIND = 22_242; // NIP-42

/** What is wanted is compared after every change; time alone changes it when something expires, and this often at the latest. */
const COMPARE_EVERY_MS = 600_000;

// Each waits for 40 s at most. What is forgotten is asked again and refused again.
const MAX_TOO_LARGE_REMEMBERED = 1_000;

const LIVES_MARK = "link-lives";

export interface OutboundRelaysOptions {
  readonly context: () => BunkerContext;
  readonly sql: SqlStorage;
  readonly dial: Dial;
  readonly secondLine: SecondLine;
  /** Something threw where nobody waits for an answer. */
  readonly failed: (where: string, error: unknown) => void;
}

export class OutboundRelays implements RelayLinksOwner {
  readonly #options: OutboundRelaysOptions;
  readonly #context: () => BunkerContext;
  readonly #sql: SqlStorage;
  #links: RelayLinks | undefined;
  #compareAt = 0;
  #isClosed = false;
  /** One object a relay: limits on forged signatures bind the relay that they came over. */
  readonly #sources = new Map<string, object>();
  /** Letters that wait for other relays' word before the app is told that its answer is too large. */
  readonly #tooLargeFor = new Map<number, Set<string>>();

  constructor(options: OutboundRelaysOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#sql = options.sql;
  }

  /** Compares what is wanted with what is linked. Call when the object wakes and after anything that changes it. */
  refresh(): void {
    this.#guarded("relay links", () => this.#compare(Date.now()));
  }

  #compare(now: number): void {
    const { wanted, until } = this.#survey(now);
    this.#compareAt = until;
    if (this.#options.secondLine.note(wanted.length > 0)) this.#context().alarm.armBy(now);
    if (wanted.length === 0 && this.#links === undefined) return;
    this.#links ??= this.#begin();
    this.#links.wanted(wanted);
    this.#tidy();
  }

  #begin(): RelayLinks {
    const stored = this.#sql
      .exec<{ health: string }>("SELECT health FROM relay_links")
      .toArray()
      .map((row) => JSON.parse(row.health) as RelayHealth);
    this.#sql.exec("INSERT INTO marks (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", LIVES_MARK);
    return new RelayLinks(this, { dial: this.#options.dial, now: () => Date.now(), random: Math.random, stored });
  }

  /** Every relay that some connection or open invite needs, with the keys that are spoken to there, and when that may change by itself. */
  #survey(now: number): { wanted: WantedRelay[]; until: number } {
    const context = this.#context();
    const { store } = context;
    const pubkeys = new Map<string, Set<RemoteSignerPubkey>>();
    let until = now + COMPARE_EVERY_MS;
    if (store.deletion.exists()) return { wanted: [], until };
    const want = (relay: string, remoteSigner: RemoteSignerPubkey) => {
      if (isOwnRelay(context, relay)) return;
      pubkeys.set(relay, (pubkeys.get(relay) ?? new Set()).add(remoteSigner));
    };
    for (const connection of store.connections.listOutbound()) {
      if (stateAt(connection, now) === "expired") continue;
      until = Math.min(until, connection.expiresAt ?? until, connection.lastUsedAt + connection.idleExpiresInSeconds * 1000);
      for (const relay of outboundRelaysOf(context, connection)) want(relay, connection.remoteSigner);
    }
    for (const invite of store.invites.listOpenOutbound(now)) {
      until = Math.min(until, invite.expiresAt);
      for (const relay of new Set([...invite.relayUrls, ...relaySet(context, invite.relays)])) want(relay, invite.remoteSigner);
    }
    return { wanted: [...pubkeys].map(([relay, keys]) => ({ relay, pubkeys: [...keys] })), until };
  }

  heartbeat(now: number): void {
    if (now >= this.#compareAt) this.refresh();
    if (this.#links === undefined) return;
    this.#links.heartbeat(now);
    this.#sendAgain(now);
    this.#tidy();
  }

  nextDue(now: number): number | undefined {
    const due = this.#links?.nextDue(now);
    return due === undefined ? undefined : Math.min(due, Math.max(now, this.#compareAt));
  }

  /** Sends over outbound relays. A stored letter is found again by its event when a relay answers. */
  send(event: NostrEvent, relays: readonly string[]): void {
    if (relays.length > 0) this.#links?.publish(event, relays);
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

  /** How often this object began anew with links to hold: at their first, and after every eviction, deploy and restart since. */
  lives(): number {
    return this.#sql.exec<{ value: number }>("SELECT value FROM marks WHERE name = ?", LIVES_MARK).toArray()[0]?.value ?? 0;
  }

  /** The bunker is gone: nothing is delivered, stored or told any more. */
  close(): void {
    this.#isClosed = true;
    this.#links?.end();
    this.#links = undefined;
  }

  received(relay: string, event: NostrEvent): void {
    this.#guarded("relay event", () => {
      const source = this.#sources.get(keyOf(relay)) ?? {};
      this.#sources.set(keyOf(relay), source);
      // What it answers is for embedded sockets; a relay takes no OK from us.
      void this.#context().path.receive(event, source, relay);
    });
  }

  published(relay: string, eventId: EventId, outcome: PublishOutcome, _reason: string): void {
    this.#guarded("relay answer", () => {
      const { store } = this.#context();
      const { outbox } = store;
      const letter = outbox.byEventId(eventId);
      if (letter === undefined) return;
      const others = letter.relays.filter((other) => keyOf(other) !== keyOf(relay));
      switch (outcome) {
        case "ok":
          outbox.markTaken(letter.id, this.#without(letter.id, others));
          noteReply(store, letter, relay as `ws${string}`, Date.now());
          this.#tooLargeFor.delete(letter.id);
          break;
        case "gone":
        case "refused":
          outbox.setRelays(letter.id, others);
          this.#sayTooLarge(letter, others, others);
          break;
        case "too-large":
          this.#noteTooLarge(letter.id, relay);
          if (letter.offered) outbox.setRelays(letter.id, others);
          else this.#sayTooLarge(letter, letter.relays, letter.relays);
          break;
        case "unanswered":
        case "unsent":
          // Stays in the outbox: tried again at the next heartbeat, in a fresh envelope when this one is too old.
          this.#sayTooLarge(letter, others, letter.relays);
      }
    });
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
    this.#guarded("relay health", () => {
      this.#sql.exec("INSERT OR REPLACE INTO relay_links (relay, health) VALUES (?, ?)", relay, JSON.stringify(health));
      if (health.state === "open") this.#sendTo(new Set([keyOf(relay)]), Date.now());
    });
  }

  due(at: number): void {
    if (!this.#isClosed) this.#context().alarm.armBy(at);
  }

  // Only what some open relay can take now is read out and wrapped: a relay that is down for hours costs nothing at each beat.
  #sendAgain(now: number): void {
    const { outbox } = this.#context().store;
    outbox.settleOffered(now);
    const links = this.#links?.health() ?? [];
    this.#sendTo(new Set(links.filter(({ state }) => state === "open" || state === "probing").map((health) => keyOf(health.relay))), now);
  }

  #sendTo(open: ReadonlySet<string>, now: number): void {
    if (open.size === 0) return;
    for (const letter of this.#context().store.outbox.unsent(now)) {
      const relays = this.#without(letter.id, letter.relays).filter((relay) => open.has(keyOf(relay)));
      // Each by itself: one forged row must not hold up the answers of other apps.
      if (relays.length > 0) this.#guarded("relay letter", () => this.send(freshened(this.#context(), letter, now).event, relays));
    }
  }

  /**
   * A result that no relay takes must not leave the app waiting. One that some relay took, or may still take within its patience, needs
   * no error beside it: `undecided` are the relays that could.
   */
  #sayTooLarge(letter: StoredLetter, undecided: readonly string[], relays: readonly string[]): void {
    if (letter.offered || !this.#tooLargeFor.has(letter.id) || this.#without(letter.id, undecided).length > 0) return;
    this.#tooLargeFor.delete(letter.id);
    this.#context().store.outbox.setRelays(letter.id, relays);
    const replaced = replaceByError(this.#context(), letter, "the answer is too large for the relay");
    if (replaced !== undefined) this.send(replaced.event, relays);
  }

  #noteTooLarge(letterId: number, relay: string): void {
    if (this.#tooLargeFor.size >= MAX_TOO_LARGE_REMEMBERED) this.#tooLargeFor.clear();
    this.#tooLargeFor.set(letterId, (this.#tooLargeFor.get(letterId) ?? new Set()).add(keyOf(relay)));
  }

  /** Those relays that have not said that the letter is too large for them. */
  #without(letterId: number, relays: readonly string[]): string[] {
    const tooSmall = this.#tooLargeFor.get(letterId);
    return relays.filter((relay) => tooSmall?.has(keyOf(relay)) !== true);
  }

  /** Forgets relays that nobody wants and nobody speaks to any more. */
  #tidy(): void {
    const kept = (this.#links?.health() ?? []).map((health) => health.relay);
    for (const { relay } of this.#sql.exec<{ relay: string }>("SELECT relay FROM relay_links").toArray()) {
      if (!kept.includes(relay)) this.#sql.exec("DELETE FROM relay_links WHERE relay = ?", relay);
    }
    const keys = new Set(kept.map(keyOf));
    for (const key of this.#sources.keys()) if (!keys.has(key)) this.#sources.delete(key);
  }

  // The links call from timers and sockets, where a throw would end nobody's request and could leave a socket without listeners.
  #guarded(where: string, act: () => void): void {
    if (this.#isClosed) return;
    try {
      act();
    } catch (error) {
      this.#options.failed(where, error);
    }
  }
}

function keyOf(relay: string): string {
  return normalizeRelayUrl(relay) ?? relay;
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
