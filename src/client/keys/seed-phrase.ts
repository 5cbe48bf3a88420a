// NIP-06: a secret key from a seed phrase (BIP-39 words, BIP-32 path m/44'/1237'/<account>'/0/0). The words never leave the page.

import { privateKeyFromSeedWords, validateWords } from "nostr-tools/nip06";

const WORD_COUNTS = [12, 15, 18, 21, 24];
/** BIP-32: hardened indices end here. */
export const MAX_ACCOUNT = 2 ** 31 - 1;

/** Several words of letters: not a key in another spelling. Whether they are right is another question. */
export function looksLikeWords(text: string): boolean {
  return /^[a-z]+(\s+[a-z]+)+$/i.test(text.trim());
}

/** The 32 bytes for the caller to wipe, or a sentence about what is wrong with the words. */
export function keyFromSeedPhrase(
  text: string,
  { passphrase = "", account = 0 }: { readonly passphrase?: string; readonly account?: number } = {},
): { readonly ok: true; readonly secretKey: Uint8Array } | { readonly ok: false; readonly sentence: string } {
  const words = text.normalize("NFKD").toLowerCase().trim().split(/\s+/);
  if (!WORD_COUNTS.includes(words.length)) {
    return { ok: false, sentence: `A seed phrase has 12, 15, 18, 21 or 24 words; this has ${words.length}.` };
  }
  const phrase = words.join(" ");
  if (!validateWords(phrase))
    return { ok: false, sentence: "These words do not fit together: one of them is misspelt, missing or elsewhere." };
  return { ok: true, secretKey: privateKeyFromSeedWords(phrase, passphrase, account) };
}
