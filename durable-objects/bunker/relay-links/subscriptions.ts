// Which REQs one socket should have open: our keys in batches, and what each of them still has to ask for. Pure but for its own memory.

import type { Filter } from "../../../src/protocol/filter.ts";
import type { RemoteSignerPubkey, UnixSeconds } from "../../../src/protocol/keys.ts";
import { backoffMs } from "./link-state.ts";

/** NIP-46: requests and responses alike. */
export const SIGNER_KIND = 24_133;
/**
 * Keys per REQ. 100 keys make a frame of 7 kB, below every relay's message limit; and 20 subscriptions, the least that relays are
 * known to allow per socket, carry 2,000 keys.
 */
export const KEYS_PER_REQ = 100;
/** Clocks differ, and strfry takes ephemeral events that are up to a minute old. What comes twice is dropped by its id. */
export const OVERLAP_SECONDS = 60;
/** Nothing older is worth asking for: requests are taken for 300 s, and ids of seen events are kept for this long. */
export const REPLAY_SECONDS = 600;
/** A REQ that is met by neither EOSE nor CLOSED was not understood, or got lost: it is asked again. */
const REQ_PATIENCE_MS = 30_000;
/** How long answers of a key wait for the EOSE of its REQ: several round trips, and still early for the app that waits. */
const HOLD_MS = 5_000;
const NOBODY = "0".repeat(64);

type BatchStatus = "unasked" | "asked" | "live" | "refused" | "awaiting-auth";

interface Batch {
  /** Of its latest REQ. Each REQ has a new one, so that the EOSE of an older one is not taken for an answer about newer keys. */
  id: string;
  /** The relay may still hold that REQ. */
  isOpen: boolean;
  pubkeys: RemoteSignerPubkey[];
  status: BatchStatus;
  refusals: number;
  /** asked, awaiting-auth: when it is asked again; refused: when it may be. Milliseconds. */
  againAt: number;
  askedAt: number;
  /** Until this second everything for these keys has reached us. */
  coveredUntil: number;
}

export interface Request {
  readonly id: string;
  /** Undefined: close it. */
  readonly filter: Filter | undefined;
}

export class Subscriptions {
  readonly #keysPerReq: number;
  #batches: Batch[] = [];
  #keys = new Set<string>();
  #emptied: string[] = [];
  #nextId = 1;
  /** Keys that this socket's relay has said EOSE for. */
  readonly #served = new Set<string>();

  constructor(keysPerReq: number) {
    this.#keysPerReq = keysPerReq;
  }

  has(pubkey: string): boolean {
    return this.#keys.has(pubkey);
  }

  /** Only the batches whose keys change are asked again. `coveredUntil` in Unix seconds: from where new keys are asked for. */
  setKeys(pubkeys: readonly RemoteSignerPubkey[], coveredUntil: number): void {
    const wanted = new Set<string>(pubkeys);
    for (const batch of this.#batches) {
      const kept = batch.pubkeys.filter((pubkey) => wanted.has(pubkey));
      if (kept.length < batch.pubkeys.length) this.#change(batch, kept);
    }
    const emptied = this.#batches.filter((batch) => batch.pubkeys.length === 0 && batch.isOpen);
    this.#emptied.push(...emptied.map((batch) => batch.id));
    this.#batches = this.#batches.filter((batch) => batch.pubkeys.length > 0);
    const added = [...wanted].filter((pubkey) => !this.#keys.has(pubkey)) as RemoteSignerPubkey[];
    for (const pubkey of added) {
      const room = this.#batches.find((batch) => batch.pubkeys.length < this.#keysPerReq);
      if (room) this.#change(room, [...room.pubkeys, pubkey]);
      else this.#batches.push(this.#newBatch(pubkey, coveredUntil));
    }
    this.#keys = wanted;
  }

  #newBatch(pubkey: RemoteSignerPubkey, coveredUntil: number): Batch {
    return { id: "", isOpen: false, pubkeys: [pubkey], status: "unasked", refusals: 0, againAt: 0, askedAt: 0, coveredUntil };
  }

  #change(batch: Batch, pubkeys: RemoteSignerPubkey[]): void {
    batch.pubkeys = pubkeys;
    // A refused batch keeps its patience: new keys do not change what the relay thinks of us.
    if (batch.status !== "refused") batch.status = "unasked";
  }

  /** What has to be sent now, in this order: an older REQ is closed after its successor is open, so that nothing falls between them. */
  take(now: number): Request[] {
    const requests: Request[] = this.#emptied.map((id) => ({ id, filter: undefined }));
    this.#emptied = [];
    for (const batch of this.#batches) {
      if (batch.status === "live" || (batch.status !== "unasked" && batch.againAt > now)) continue;
      const older = batch.isOpen ? batch.id : undefined;
      batch.id = `s${this.#nextId++}`;
      batch.isOpen = true;
      batch.status = "asked";
      batch.askedAt = now;
      batch.againAt = now + REQ_PATIENCE_MS;
      requests.push({ id: batch.id, filter: filterFor(batch, now) });
      if (older !== undefined) requests.push({ id: older, filter: undefined });
    }
    return requests;
  }

  knows(id: string): boolean {
    return this.#batches.some((batch) => batch.id === id);
  }

  eose(id: string, now: number): void {
    const batch = this.#batches.find((batch) => batch.id === id);
    if (batch?.status !== "asked") return;
    batch.status = "live";
    batch.refusals = 0;
    batch.coveredUntil = Math.floor(now / 1000);
    for (const pubkey of batch.pubkeys) this.#served.add(pubkey);
  }

  /** The relay ended it, for whatever reason but a missing AUTH: asked again after a while. */
  refused(id: string, now: number, random: number): void {
    const batch = this.#batches.find((batch) => batch.id === id);
    if (!batch) return;
    batch.isOpen = false;
    batch.status = "refused";
    batch.refusals += 1;
    batch.againAt = now + backoffMs(batch.refusals, random);
  }

  /** Bounded, because a relay may ask for AUTH and never send a challenge. */
  awaitAuth(id: string, now: number): void {
    const batch = this.#batches.find((batch) => batch.id === id);
    if (!batch) return;
    batch.isOpen = false;
    batch.status = "awaiting-auth";
    batch.againAt = now + REQ_PATIENCE_MS;
  }

  /** AUTH did not help: what waited for it is asked again later. */
  authRefused(now: number, random: number): void {
    for (const batch of this.#batches) if (batch.status === "awaiting-auth") this.refused(batch.id, now, random);
  }

  /** After AUTH: whatever waited for it is asked again. */
  authenticated(): void {
    for (const batch of this.#batches) if (batch.status === "awaiting-auth") batch.status = "unasked";
  }

  /** Anything from the relay shows that it was there for our live REQs until now. */
  heard(now: number): void {
    for (const batch of this.#batches) if (batch.status === "live") batch.coveredUntil = Math.floor(now / 1000);
  }

  /** A new socket knows none of our REQs. */
  forget(): void {
    this.#emptied = [];
    this.#served.clear();
    for (const batch of this.#batches) {
      batch.isOpen = false;
      batch.status = "unasked";
      batch.refusals = 0;
    }
  }

  /** The cheap question for a silent socket: in the shape of a filter that the relay serves already, and nothing stored. */
  probeFilter(now: number): Filter {
    const pubkey = this.#batches[0]?.pubkeys[0] ?? NOBODY;
    return { kinds: [SIGNER_KIND], "#p": [pubkey], since: Math.floor(now / 1000), limit: 1 };
  }

  /**
   * May this key's answers go out? An app asks its next question the moment that it has an answer, so we listen first. A relay that
   * refuses to let us listen, or says nothing, does not hold them up for long.
   */
  maySpeak(pubkey: string, now: number): boolean {
    if (this.#served.has(pubkey)) return true;
    const batch = this.#batches.find(({ pubkeys }) => pubkeys.some((each) => each === pubkey));
    if (!batch || batch.status === "refused" || batch.status === "live") return true;
    return batch.status === "asked" && now >= batch.askedAt + HOLD_MS;
  }

  /** When an answer that is held may go out without EOSE. */
  heldUntil(now: number): number | undefined {
    const asked = this.#batches.filter((batch) => batch.status === "asked" && batch.askedAt + HOLD_MS > now);
    return asked.length === 0 ? undefined : Math.min(...asked.map((batch) => batch.askedAt + HOLD_MS));
  }

  /** Where a later REQ has to begin so that no key misses anything. */
  since(now: number): UnixSeconds {
    const covered = this.#batches.map((batch) => batch.coveredUntil);
    return sinceOf(covered.length === 0 ? Math.floor(now / 1000) : Math.min(...covered));
  }

  dueAt(): number | undefined {
    const waiting = this.#batches.filter((batch) => batch.status !== "live" && batch.status !== "unasked");
    return waiting.length === 0 ? undefined : Math.min(...waiting.map((batch) => batch.againAt));
  }
}

function sinceOf(coveredUntil: number): UnixSeconds {
  return Math.max(0, coveredUntil - OVERLAP_SECONDS) as UnixSeconds;
}

// No `limit`: after a gap the stored requests are the point of asking.
function filterFor(batch: Batch, now: number): Filter {
  const since = Math.max(sinceOf(batch.coveredUntil), Math.floor(now / 1000) - REPLAY_SECONDS);
  return { kinds: [SIGNER_KIND], "#p": batch.pubkeys, since };
}
