// A mailed link to an approval as text: the bunker's id and a secret of 256 bits in one string, so that no index is on its way. And the
// id of an approval, which finds its bunker in the same way and is of no authority at all.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { decodeBase64 } from "../sealing/base64.ts";
import { base64url } from "./session.ts";

const ID_BYTES = 32;
const ID_CHARACTERS = 43; // 32 bytes as base64url
const LINK = /^[A-Za-z0-9_-]{86}$/;
const APPROVAL_ID = /^[0-9a-f]{96}$/;

export interface LinkParts {
  readonly bunkerId: string;
  readonly linkSecret: string;
}

export function approvalLink({ bunkerId, linkSecret }: LinkParts): string {
  return base64url(hexToBytes(bunkerId)) + linkSecret;
}

/** The parts of a text that is spelled like a link; undefined for every other text. */
export function parseApprovalLink(text: string): LinkParts | undefined {
  if (!LINK.test(text)) return undefined;
  const id = decodeBase64(text.slice(0, ID_CHARACTERS));
  if (id?.length !== ID_BYTES) return undefined;
  return { bunkerId: bytesToHex(id), linkSecret: text.slice(ID_CHARACTERS) };
}

/** 64 hex digits of the bunker, 32 of its own. */
export function approvalId(bunkerId: string, ownId: string): string {
  return bunkerId + ownId;
}

/** The bunker that an approval's id names; undefined for what is no such id. */
export function bunkerOfApproval(id: string): string | undefined {
  return APPROVAL_ID.test(id) ? id.slice(0, 64) : undefined;
}
