// A secret key in whatever form somebody has it: nsec, 64 hex digits, ncryptsec with its passphrase, or a seed phrase.

import { parseUserSecretKey } from "../../protocol/npub.ts";
import { isNcryptsec, openNcryptsec, type Work } from "./ncryptsec.ts";
import { keyFromSeedPhrase, looksLikeWords } from "./seed-phrase.ts";

export type KeyForm = "plain" | "ncryptsec" | "seed-phrase" | "public-key" | "nothing" | "unknown";

/** What it looks like: decides which further fields are asked for. */
export function keyFormOf(text: string): KeyForm {
  const typed = text.trim();
  if (typed === "") return "nothing";
  if (isNcryptsec(typed)) return "ncryptsec";
  if (/^(npub|nprofile)1/i.test(typed)) return "public-key";
  const secretKey = parseUserSecretKey(typed);
  secretKey?.fill(0);
  if (secretKey !== undefined) return "plain";
  return looksLikeWords(typed) ? "seed-phrase" : "unknown";
}

export interface TypedKey {
  readonly text: string;
  /** Of the ncryptsec, or the optional one of a seed phrase. */
  readonly passphrase: string;
  /** NIP-06's account; 0 unless somebody knows better. */
  readonly account: number;
}

export type ReadKey = { readonly ok: true; readonly secretKey: Uint8Array } | { readonly ok: false; readonly sentence: string };

const NCRYPTSEC_PROBLEMS = {
  malformed: "This begins like an ncryptsec and is none: part of it is missing or misspelt.",
  "too-costly": "This ncryptsec asks for more memory than this browser has. Open it on a larger machine.",
  "wrong-passphrase": "The passphrase does not open it.",
} as const;

/** The 32 bytes for the caller to wipe, or one sentence about what is wrong. */
export async function readTypedKey({ text, passphrase, account }: TypedKey, work: Work = {}): Promise<ReadKey> {
  const form = keyFormOf(text);
  switch (form) {
    case "nothing":
      return { ok: false, sentence: "The key is missing." };
    case "public-key":
      return { ok: false, sentence: "This is a public key. A bunker needs the secret one: it starts with nsec." };
    case "unknown":
      return { ok: false, sentence: "This is no key: expected an nsec, 64 hex digits, an ncryptsec, or the words of a seed phrase." };
    case "plain": {
      const secretKey = parseUserSecretKey(text);
      return secretKey === undefined ? { ok: false, sentence: "This is no valid secret key." } : { ok: true, secretKey };
    }
    case "ncryptsec": {
      const opened = await openNcryptsec(text, passphrase, work);
      return opened.ok ? opened : { ok: false, sentence: NCRYPTSEC_PROBLEMS[opened.problem] };
    }
    case "seed-phrase":
      return keyFromSeedPhrase(text, { passphrase, account });
  }
}
