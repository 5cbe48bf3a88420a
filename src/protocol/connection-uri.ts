// The two URLs that start a connection: our bunker:// and the client's nostrconnect:// (NIP-46). Both are taken apart by hand, because
// runtimes disagree on the host and path of schemes that they do not know.

import { cleanMetadata } from "./client-metadata.ts";
import type { ClientMetadata } from "./client-metadata.ts";
import { isJsonObject, parseJson } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { parsePubkey } from "./keys.ts";
import type { ClientPubkey, RemoteSignerPubkey } from "./keys.ts";
import { formatPermission, parsePermissions } from "./permission.ts";
import type { Permission } from "./permission.ts";
import { normalizeRelayUrl } from "./relay-url.ts";

export { parseClientMetadata } from "./client-metadata.ts";
export type { ClientMetadata } from "./client-metadata.ts";

export interface BunkerPointer {
  readonly remoteSigner: RemoteSignerPubkey;
  readonly relays: readonly string[];
  readonly inviteSecret?: string | undefined;
}

export interface NostrConnect {
  readonly client: ClientPubkey;
  /** As the client wrote them, each relay once. Whether they may be dialled is another question. */
  readonly relays: string[];
  /** Echoed to the client exactly as it stands here. */
  readonly connectSecret: string;
  readonly permissions: Permission[];
  readonly metadata?: ClientMetadata;
}

export type ParsedNostrConnect = { readonly ok: true; readonly value: NostrConnect } | { readonly ok: false; readonly problem: string };

const MAX_URI_CHARS = 16_384; // QR codes end at 4,296; pasted ones with long lists stay far below this
const MAX_RELAYS = 10; // each costs an outbound socket
const MAX_SECRET_CHARS = 256; // known clients use 8 to 64
const INVITE_SECRET = /^[A-Za-z0-9_-]+$/;
const URI = /^(bunker|nostrconnect):\/\/([^/?#]*)\/?(?:\?(.*))?$/s;

/** Percent-encodes everything but letters, digits, `_`, `.` and `-`: nostr-tools takes no `~ ! * ' ( )` in a bunker URL. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[~!*'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The URL to hand to an app. Throws when the secret has a character that clients would not read back. */
export function formatBunkerUrl(pointer: BunkerPointer): string {
  const query = pointer.relays.map((relay) => `relay=${encodeStrictly(relay)}`);
  if (pointer.inviteSecret !== undefined) {
    if (!INVITE_SECRET.test(pointer.inviteSecret)) throw new TypeError("expected an invite secret in base64url characters");
    query.push(`secret=${pointer.inviteSecret}`);
  }
  return `bunker://${pointer.remoteSigner}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** The parts of a bunker:// URL, or undefined when it is none. Never throws. */
export function parseBunkerUrl(text: string): BunkerPointer | undefined {
  const [, scheme, host, query = ""] = URI.exec(text.trim()) ?? [];
  const remoteSigner = parsePubkey(host);
  if (text.length > MAX_URI_CHARS || scheme !== "bunker" || !remoteSigner) return undefined;
  const params = new URLSearchParams(withoutFragment(query));
  const inviteSecret = params.get("secret");
  const relays = params.getAll("relay").filter((relay) => normalizeRelayUrl(relay) !== undefined);
  return { remoteSigner: remoteSigner as RemoteSignerPubkey, relays, ...(inviteSecret && { inviteSecret }) };
}

/** Reads every form that clients are known to write, and says in words what is missing. Never throws. */
export function parseNostrConnect(text: string): ParsedNostrConnect {
  if (text.length > MAX_URI_CHARS) return problem(`the URL has more than ${MAX_URI_CHARS} characters`);
  const [, scheme, host, rest = ""] = URI.exec(text.trim()) ?? [];
  if (scheme !== "nostrconnect") return problem("expected a URL that starts with nostrconnect://");
  const client = parsePubkey(host);
  if (!client) return problem("expected the client's public key, 64 lower-case hex digits, after nostrconnect://");

  const { query, metadata } = splitMetadata(rest);
  const params = new URLSearchParams(query);
  const connectSecret = params.get("secret") ?? "";
  // NIP-46: the secret is required. Without it the client could not tell our answer from anybody else's.
  if (connectSecret === "") return problem("the URL has no secret, so the app could not recognise our answer");
  if (connectSecret.length > MAX_SECRET_CHARS) return problem(`the secret has more than ${MAX_SECRET_CHARS} characters`);
  const relays = readRelays(params.getAll("relay"));
  if (typeof relays === "string") return problem(relays);

  const pick = (name: string) => params.get(name) || metadata[name];
  const permissions = pick("perms");
  const icons: unknown = metadata["icons"];
  const shown = cleanMetadata({
    name: pick("name"),
    url: pick("url"),
    image: pick("image") || pick("icon") || (Array.isArray(icons) ? (icons as unknown[])[0] : undefined),
  });
  const value: NostrConnect = {
    client: client as ClientPubkey,
    relays,
    connectSecret,
    permissions: typeof permissions === "string" ? parsePermissions(permissions) : [],
    ...(shown && { metadata: shown }),
  };
  return { ok: true, value };
}

function problem(text: string): ParsedNostrConnect {
  return { ok: false, problem: text };
}

/** The relays that are named, each once, or what is wrong with them. */
function readRelays(named: readonly string[]): string[] | string {
  const relays = new Map<string, string>();
  for (const relay of named.map((name) => name.trim()).filter((name) => name !== "")) {
    const normalized = normalizeRelayUrl(relay);
    if (normalized === undefined) return "every relay must be a wss:// URL";
    if (!relays.has(normalized)) relays.set(normalized, relay);
  }
  if (relays.size === 0) return "the URL names no relay, so the app could not be reached";
  if (relays.size > MAX_RELAYS) return `the URL names more than ${MAX_RELAYS} relays`;
  return [...relays.values()];
}

function withoutFragment(query: string): string {
  return query.split("#", 1)[0] ?? "";
}

/**
 * The old `metadata=` parameter, apart from the rest of the query. Some clients write its JSON raw, and a raw `&` or `#` in a name
 * would end the parameter: such JSON is taken by its braces.
 */
function splitMetadata(rest: string): { query: string; metadata: JsonObject } {
  const start = /(?:^|&)metadata=(?=\{)/.exec(rest);
  if (start) {
    const from = start.index + start[0].length;
    const end = from + objectLength(rest.slice(from));
    const metadata = parseJson(rest.slice(from, end));
    if (isJsonObject(metadata)) return { query: withoutFragment(rest.slice(0, start.index) + rest.slice(end)), metadata };
  }
  const query = withoutFragment(rest);
  const metadata = parseJson(new URLSearchParams(query).get("metadata") ?? "");
  return { query, metadata: isJsonObject(metadata) ? metadata : {} };
}

/** How many characters the JSON object at the start of the text takes; all of them when its braces never close. */
function objectLength(text: string): number {
  let depth = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token[0] === "{") depth++;
    if (token[0] === "}" && --depth === 0) return token.index + 1;
  }
  return text.length;
}

/** A nostrconnect:// URL as today's NIP-46 spells it: what a client would show us. */
export function formatNostrConnect(request: NostrConnect): string {
  const params = new URLSearchParams();
  for (const relay of request.relays) params.append("relay", relay);
  params.append("secret", request.connectSecret);
  if (request.permissions.length > 0) params.append("perms", request.permissions.map(formatPermission).join(","));
  for (const [name, text] of Object.entries(request.metadata ?? {})) params.append(name, text as string);
  return `nostrconnect://${request.client}?${params.toString()}`;
}
