// The head of a chain, signed by the instance as a Nostr event that anybody can keep, publish and check. It names the bunker by the hash
// that its chain begins with, never by its address or identity.

import { verifyEvent, type EventTemplate, type NostrEvent } from "../protocol/event.ts";
import { isHex64, toUnixSeconds } from "../protocol/keys.ts";
import { genesisHash } from "./activity.ts";
import type { ChainHead } from "./history.ts";

/** NIP-78: data of one application; relays keep the newest for each `d`. */
export const CHECKPOINT_KIND = 30_078;
const D_PREFIX = "countersign/activity/";
const DAY = /\/\d{4}-\d{2}-\d{2}$/;

/** What the instance signs. `now` in milliseconds. */
export function checkpointTemplate(bunkerId: string, head: ChainHead, now: number): EventTemplate {
  return template(genesisHash(bunkerId), head, now);
}

/** The same for relays: they keep one of each day, so that a later one takes no witness away. */
export function publishedTemplate(bunkerId: string, head: ChainHead, now: number): EventTemplate {
  return template(`${genesisHash(bunkerId)}/${new Date(now).toISOString().slice(0, "2026-01-01".length)}`, head, now);
}

function template(name: string, { epoch, seq, head }: ChainHead, now: number): EventTemplate {
  return {
    kind: CHECKPOINT_KIND,
    created_at: toUnixSeconds(now),
    content: "",
    tags: [
      ["d", D_PREFIX + name],
      ["epoch", String(epoch)],
      ["seq", String(seq)],
      ["head", head],
      ["alt", "The newest entry of a Countersign activity log"],
    ],
  };
}

export interface Checkpoint extends ChainHead {
  /** The hash that the chain begins with. */
  readonly genesis: string;
  /** Who signed it, hex. */
  readonly instance: string;
  /** Seconds since 1970, as the signer said. */
  readonly at: number;
}

/** What a signed checkpoint says; undefined when it is none, or its signature does not fit. */
export function readCheckpoint(event: NostrEvent): Checkpoint | undefined {
  if (event.kind !== CHECKPOINT_KIND || !verifyEvent(event)) return undefined;
  const tag = (name: string) => event.tags.find(([key]) => key === name)?.[1] ?? "";
  const genesis = tag("d").startsWith(D_PREFIX) ? tag("d").slice(D_PREFIX.length).replace(DAY, "") : "";
  const [epoch, seq, head] = [wholeNumber(tag("epoch")), wholeNumber(tag("seq")), tag("head")];
  if (!isHex64(genesis) || !isHex64(head) || epoch === undefined || seq === undefined) return undefined;
  return { genesis, epoch, seq, head, instance: event.pubkey, at: event.created_at };
}

function wholeNumber(text: string): number | undefined {
  return /^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined;
}
