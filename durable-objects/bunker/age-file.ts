// The one way in which a secret leaves a bunker: as an age file to a recipient that was named for it. The plaintext is never in an answer,
// so nothing between here and whoever holds the identity can keep it.

import { Encrypter } from "age-encryption";
import { base64 } from "@scure/base";

/** age's own X25519 recipients: what `age-keygen` prints, and what a page makes for one answer. */
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;

export function isAgeRecipient(text: string): boolean {
  if (!RECIPIENT.test(text)) return false;
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}

/** The age file in base64. The plaintext stays the caller's to wipe. */
export async function ageFile(plaintext: Uint8Array, recipient: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return base64.encode(await encrypter.encrypt(plaintext));
}
