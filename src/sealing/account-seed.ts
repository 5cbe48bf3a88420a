// The seed that everything of one account is keyed by: 32 random bytes at rest under the root secret. And the key that names accounts,
// which comes from the instance's pepper, so that nobody without it can tell whether an address is known.

import { deriveKey, KEY_BYTES, mailKey, rowMacKey } from "./derive.ts";
import type { RootSecret, Roots } from "./root-secret.ts";
import { expectBytes } from "./seal-error.ts";
import type { Random } from "./seal.ts";
import { openUnderRoot, sealUnderRoot } from "./under-root.ts";

const SEED = "countersign/account-seed/v1";

/** Keys that come from an account's seed, one for each purpose. */
export interface AccountKeys {
  /** Keys the hash under which a browser session rests. */
  readonly sessionHashKey: Uint8Array;
  /** Keys the hashes of mailed links and codes, and of the browser that asked. */
  readonly signInHashKey: Uint8Array;
  /** Seals mails until they are sent. */
  readonly mailKey: Uint8Array;
  readonly rowMacKey: Uint8Array;
}

/** 82 bytes that open only at this account. */
export function sealAccountSeed(seed: Uint8Array, accountId: string, root: RootSecret, random: Random): Uint8Array {
  expectBytes(seed, KEY_BYTES, "an account seed");
  return sealUnderRoot(root, SEED, seed, [accountId], random);
}

export function openAccountSeed(record: Uint8Array, accountId: string, roots: Roots): Uint8Array {
  return expectBytes(openUnderRoot(roots, SEED, record, [accountId]), KEY_BYTES, "an account seed");
}

export function accountKeys(seed: Uint8Array): AccountKeys {
  return {
    sessionHashKey: deriveKey(seed, "countersign/session-hash/v1"),
    signInHashKey: deriveKey(seed, "countersign/sign-in-hash/v1"),
    mailKey: mailKey(seed),
    rowMacKey: rowMacKey(seed),
  };
}

/** Keys the hash of an address that an account's object is found by; from the pepper. */
export function accountNameKey(pepper: Uint8Array): Uint8Array {
  return deriveKey(pepper, "countersign/account-name/v1");
}

/** Keys the hashes under which attempts are counted; from the pepper. */
export function attemptHashKey(pepper: Uint8Array): Uint8Array {
  return deriveKey(pepper, "countersign/attempt-hash/v1");
}

/** Keys the proof that a sign-in's challenge is ours; from the pepper. */
export function challengeMacKey(pepper: Uint8Array): Uint8Array {
  return deriveKey(pepper, "countersign/passkey-challenge/v1");
}
