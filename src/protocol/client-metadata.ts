// What an app says of itself (NIP-46 client metadata): unauthenticated words for people's eyes, never a reason to allow anything.

import { isJsonObject, parseJson } from "./json.ts";

export interface ClientMetadata {
  readonly name?: string;
  readonly url?: string;
  readonly image?: string;
}

const MAX_METADATA_CHARS = 8_192; // a name and two URLs; more is not worth parsing
const MAX_NAME_CHARS = 64; // one line on a page
const MAX_LINK_CHARS = 1_024; // image URLs with signatures in them reach some hundreds
const LINE_BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
// Marks that turn the direction of writing, or take no room at all, can make one name look like another.
const INVISIBLE = /\p{Cf}/gu;

function cleanName(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const name = value.replace(INVISIBLE, "").replace(LINE_BREAKS, " ").trim();
  return name.slice(0, MAX_NAME_CHARS).toWellFormed().trim() || undefined;
}

/** The URL as the URL class spells it. Only http and https: a `javascript:` link on our page would run as ours. */
function cleanLink(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > MAX_LINK_CHARS || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.password === "" ? url.href : undefined;
}

/** What can be shown of the three fields, or undefined when none can. */
export function cleanMetadata(fields: { name?: unknown; url?: unknown; image?: unknown }): ClientMetadata | undefined {
  const name = cleanName(fields.name);
  const url = cleanLink(fields.url);
  const image = cleanLink(fields.image);
  if (name === undefined && url === undefined && image === undefined) return undefined;
  return { ...(name !== undefined && { name }), ...(url !== undefined && { url }), ...(image !== undefined && { image }) };
}

/** The stringified object of `connect`'s fourth param. What is malformed is ignored: a hint never makes a connect fail. Never throws. */
export function parseClientMetadata(text: string | undefined): ClientMetadata | undefined {
  if (text === undefined || text.length > MAX_METADATA_CHARS) return undefined;
  const value = parseJson(text);
  return isJsonObject(value) ? cleanMetadata(value) : undefined;
}
