// Everything that would be signed, as JSON in ASCII: what cannot be seen is a number here, whoever wrote it.

import type { EventTemplate } from "../protocol/event.ts";
import type { UserPubkey } from "../protocol/keys.ts";

/** NIP-01's members that the signature covers, in their order, indented for people. */
export function escapedJson(event: EventTemplate, user: UserPubkey): string {
  const { kind, created_at, tags, content } = event;
  return JSON.stringify({ pubkey: user, created_at, kind, tags, content }, null, 2).replace(/[^\n\x20-\x7e]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
