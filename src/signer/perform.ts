// The only code that uses an opened user key. What it is asked was allowed by authorize in the same transaction.

import type { Question } from "../policy/question.ts";
import { signEvent, type VerifiedEvent } from "../protocol/event.ts";
import type { UserPubkey } from "../protocol/keys.ts";
import { nip04Decrypt, nip04Encrypt, nip44Decrypt, nip44Encrypt, type CipherResult } from "../protocol/user-cipher.ts";

export type Performed =
  | { readonly ok: true; readonly result: string; readonly signed?: VerifiedEvent }
  /** The reason is generic on purpose: NIP-04 has no MAC, so a telling error would be a padding oracle. */
  | { readonly ok: false; readonly error: string };

/** `ciphertext` accompanies decrypts. The result is the string that goes into the NIP-46 response. */
export function perform(question: Question, ciphertext: string | undefined, userSecretKey: Uint8Array, user: UserPubkey): Performed {
  switch (question.method) {
    case "sign_event": {
      const signed = signEvent(question.event, userSecretKey, user);
      return { ok: true, result: JSON.stringify(signed), signed };
    }
    case "nip04_encrypt":
      return encrypted(nip04Encrypt(userSecretKey, question.counterparty, question.plaintext ?? ""));
    case "nip44_encrypt":
      return encrypted(nip44Encrypt(userSecretKey, question.counterparty, question.plaintext ?? ""));
    case "nip04_decrypt":
      return decrypted(nip04Decrypt(userSecretKey, question.counterparty, ciphertext ?? ""));
    case "nip44_decrypt":
      return decrypted(nip44Decrypt(userSecretKey, question.counterparty, ciphertext ?? ""));
  }
}

function encrypted(result: CipherResult): Performed {
  return result.ok ? { ok: true, result: result.value } : { ok: false, error: `invalid params: ${result.problem}` };
}

function decrypted(result: CipherResult): Performed {
  return result.ok ? { ok: true, result: result.value } : { ok: false, error: "invalid params: the ciphertext could not be decrypted" };
}
