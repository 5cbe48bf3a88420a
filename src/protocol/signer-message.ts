// The JSON-RPC inside kind 24133 (NIP-46): requests read strictly, responses in the one shape that every known client accepts.

import { isJsonObject, parseJson } from "./json.ts";

/** NIP-46: every method of the table. Anything else is answered with an error. */
export const SIGNER_METHODS = [
  "connect",
  "sign_event",
  "ping",
  "get_public_key",
  "nip04_encrypt",
  "nip04_decrypt",
  "nip44_encrypt",
  "nip44_decrypt",
  "switch_relays",
  "logout",
] as const;
export type SignerMethod = (typeof SIGNER_METHODS)[number];

// A Set and not an object: "constructor" and "__proto__" are no members of it.
const METHODS: ReadonlySet<string> = new Set(SIGNER_METHODS);

export function isSignerMethod(method: string): method is SignerMethod {
  return METHODS.has(method);
}

export interface SignerRequest {
  readonly id: string;
  readonly method: string;
  readonly params: string[];
}

export type ParsedRequest =
  | ({ readonly kind: "request" } & SignerRequest)
  | { readonly kind: "invalid-params"; readonly id: string; readonly method: string; readonly problem: string }
  | { readonly kind: "ignore" };

const MAX_ID_CHARS = 256; // the longest ids seen are UUIDs; an id is stored and echoed, so it must not be a parcel
/** The id that takes the most room in a response: JSON spells each of its characters with six. */
export const WIDEST_REQUEST_ID = "\u0000".repeat(MAX_ID_CHARS);
const MAX_METHOD_CHARS = 64; // four times the longest method; what is cut off can only have been unsupported
const IGNORE: ParsedRequest = { kind: "ignore" };

/**
 * A decrypted request. What cannot be answered to an id of its own (no object, no string id, no method: a response, for one) is
 * ignored, so that no reply can loop. NIP-46: params is an array of strings; absent and null are read as none.
 */
export function parseRequest(plaintext: string): ParsedRequest {
  const message = parseJson(plaintext);
  if (!isJsonObject(message)) return IGNORE;
  const { id, method: named, params } = message;
  // A numeric id is not answered: whether the client would know its "7" for its 7 is a guess.
  if (typeof id !== "string" || id.length > MAX_ID_CHARS || typeof named !== "string") return IGNORE;
  const method = named.slice(0, MAX_METHOD_CHARS).toWellFormed();
  if (params === undefined || params === null) return { kind: "request", id, method, params: [] };
  if (!Array.isArray(params)) return { kind: "invalid-params", id, method, problem: "params must be an array of strings" };
  if (!params.every((param) => typeof param === "string")) {
    return { kind: "invalid-params", id, method, problem: "every param must be a string" };
  }
  return { kind: "request", id, method, params };
}

export function formatRequest(request: SignerRequest): string {
  const { id, method, params } = request;
  return JSON.stringify({ id, method, params });
}

/** A result is always a JSON string, and there is no `error` member: several clients take `error: null` for an error or for nonsense. */
export function successResponse(id: string, result: string): string {
  return JSON.stringify({ id, result });
}

/** `result` is "error" beside the text: some clients need a string there and read anything else as a success. The text is never empty. */
export function errorResponse(id: string, message: string): string {
  return JSON.stringify({ id, result: "error", error: message === "" ? "request failed" : message });
}

/** NIP-46 auth challenge: the client opens the URL and waits for a second response with the same id. */
export function authUrlResponse(id: string, url: string): string {
  return JSON.stringify({ id, result: "auth_url", error: url });
}
