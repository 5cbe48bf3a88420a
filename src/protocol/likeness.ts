// Two requests are alike when they differ in their time alone: how a library's retry with a new created_at is known again.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { EventTemplate } from "./event.ts";
import { canonicalJson } from "./json.ts";

const encoder = new TextEncoder();

/** SHA-256 (hex) of the canonical JSON of kind, tags and content. */
export function likenessOf(template: EventTemplate): string {
  const { kind, tags, content } = template;
  return bytesToHex(sha256(encoder.encode(canonicalJson({ kind, tags, content }))));
}
