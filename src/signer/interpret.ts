// From a well-formed NIP-46 request to what it means: typed once here, so that nothing behind re-reads params.

import type { Question } from "../policy/question.ts";
import { parseClientMetadata, type ClientMetadata } from "../protocol/connection-uri.ts";
import { parseEventTemplate } from "../protocol/event.ts";
import { parseJson } from "../protocol/json.ts";
import { parsePubkey, type UserPubkey } from "../protocol/keys.ts";
import { parsePermissions, type Permission } from "../protocol/permission.ts";

/** Questions about a decryption carry what is to be decrypted; the policy itself never sees it. */
export type Meaning =
  | {
      readonly kind: "connect";
      readonly inviteSecret: string;
      readonly permissions: readonly Permission[];
      readonly metadata: ClientMetadata | undefined;
    }
  | { readonly kind: "ping" }
  | { readonly kind: "get_public_key" }
  | { readonly kind: "switch_relays" }
  | { readonly kind: "logout" }
  | { readonly kind: "question"; readonly question: Question; readonly ciphertext?: string }
  | { readonly kind: "unusable"; readonly message: string };

/** The meaning of a request of `user`'s bunker. Prototype names and unknown methods alike are "unusable". */
export function interpret(method: string, params: readonly string[], user: UserPubkey): Meaning {
  switch (method) {
    case "connect":
      // params[0] is not compared: clients send "", the user's key or ours; p tag and secret decide (NDK sends "").
      return {
        kind: "connect",
        inviteSecret: params[1] ?? "",
        permissions: parsePermissions(params[2] ?? ""),
        metadata: parseClientMetadata(params[3]),
      };
    case "ping":
    case "get_public_key":
    case "switch_relays":
    case "logout":
      return { kind: method };
    case "sign_event":
      return signEvent(params, user);
    case "nip04_encrypt":
    case "nip44_encrypt": {
      const [counterparty, plaintext] = [parsePubkey(params[0]), params[1]];
      if (counterparty === undefined) return badCounterparty(method);
      if (plaintext === undefined) return { kind: "unusable", message: `invalid params: ${method} expects [pubkey, plaintext]` };
      return { kind: "question", question: { method, counterparty, plaintext } };
    }
    case "nip04_decrypt":
    case "nip44_decrypt": {
      const [counterparty, ciphertext] = [parsePubkey(params[0]), params[1]];
      if (counterparty === undefined) return badCounterparty(method);
      if (ciphertext === undefined) return { kind: "unusable", message: `invalid params: ${method} expects [pubkey, ciphertext]` };
      const question: Question = method === "nip04_decrypt" ? { method, counterparty } : { method, counterparty, sealAuthor: "unopened" };
      return { kind: "question", question, ciphertext };
    }
    default:
      // NIP-46: requests made with unknown or unsupported methods MUST be replied with an error.
      return { kind: "unusable", message: `unsupported method: ${method.slice(0, 64)}` };
  }
}

function signEvent(params: readonly string[], user: UserPubkey): Meaning {
  if (params[0] === undefined) return { kind: "unusable", message: "invalid params: sign_event expects [event as JSON]" };
  const json = parseJson(params[0]);
  if (json === undefined) return { kind: "unusable", message: "invalid params: the event is not JSON" };
  const parsed = parseEventTemplate(json, user);
  if (!parsed.ok) return { kind: "unusable", message: `invalid event: ${parsed.problem}` };
  return { kind: "question", question: { method: "sign_event", event: parsed.template } };
}

function badCounterparty(method: string): Meaning {
  return { kind: "unusable", message: `invalid params: ${method} expects a public key of 64 lower-case hex digits first` };
}
