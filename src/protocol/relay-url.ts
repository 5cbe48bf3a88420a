// Relay URLs: one spelling to compare them by, and which of them this instance refuses to dial.

import { addressProblem } from "./host-address.ts";

const MAX_URL_CHARS = 512; // relay lists travel in URLs and QR codes; the longest real one has about 100

function parseRelay(text: string): URL | undefined {
  const trimmed = text.trim();
  // The URL class drops line breaks and tabs in silence: what people read would not be what is dialled.
  if (trimmed.length > MAX_URL_CHARS || /[\s\p{Cc}]/u.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  if (url.protocol !== "wss:" && url.protocol !== "ws:") return undefined;
  // Credentials and fragments are no part of a relay's address: the first would leak, the second the WebSocket constructor refuses.
  if (url.username !== "" || url.password !== "" || trimmed.includes("#") || url.hostname === "") return undefined;
  return url;
}

/**
 * The form to compare relays by, not to dial: lower case (welshman lower-cases paths), no default port, no trailing slash (NDK adds
 * one), no trailing dot. Undefined for what is no ws:// or wss:// URL.
 */
export function normalizeRelayUrl(text: string): string | undefined {
  const url = parseRelay(text);
  if (!url) return undefined;
  const host = url.hostname.replace(/\.$/, "");
  const port = url.port === "" ? "" : `:${url.port}`;
  const path = url.pathname.toLowerCase().replace(/\/+$/, "");
  return `${url.protocol}//${host}${port}${path}${url.search}`;
}

export function sameRelay(a: string, b: string): boolean {
  const normalized = normalizeRelayUrl(a);
  return normalized !== undefined && normalized === normalizeRelayUrl(b);
}

/**
 * Why a relay is not dialled, or undefined when it may be. A relay URL comes from strangers (nostrconnect://), so it must not lead
 * into a private network. `allowInsecure` is for development: ws:// and every address.
 */
export function relayProblem(text: string, options: { readonly allowInsecure: boolean }): string | undefined {
  const url = parseRelay(text);
  if (!url) return "a relay must be a wss:// URL without user name, password or fragment";
  if (options.allowInsecure) return undefined;
  if (url.protocol !== "wss:") return "a relay must use wss://, got ws://";
  const problem = addressProblem(url.hostname);
  return problem && `a relay must have a public address, ${problem}`;
}
