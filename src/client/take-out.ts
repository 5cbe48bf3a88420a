// Taking a key out of a bunker: it comes encrypted to a key that this page made for the one answer, and leaves the page only under the
// passphrase that was typed. Neither the passphrase nor the key is ever in an address, a form or the page's markup.

import { base64 } from "@scure/base";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { publicKeyOf } from "../protocol/keys.ts";
import { PASSPHRASE_LOG_N, sealNcryptsec } from "./keys/ncryptsec.ts";
import { element, forgetOnLeaving, onPress, post, progressIn, RefusedError, sentenceOf, show } from "./parts/page.ts";

type TakenOut =
  | { readonly done: "file"; readonly file: string }
  | { readonly done: "later"; readonly effectiveAt: string }
  | { readonly done: "held" };

/** Twelve random letters, or four words: what NIP-49 and age say resists guessing. */
const LEAST_CHARS = 12;

const block = element("take-out", HTMLElement);
const passphrase = element("passphrase", HTMLInputElement);
const again = element("passphrase-again", HTMLInputElement);
const status = element("status", HTMLElement);
const result = element("result", HTMLTextAreaElement);
const download = element("download", HTMLAnchorElement);

function say(words: string): void {
  status.textContent = words;
}

async function take(what: "key" | "backup"): Promise<void> {
  show("taken", false);
  if (passphrase.value.length < LEAST_CHARS) return say(`The passphrase needs ${LEAST_CHARS} characters at least.`);
  if (passphrase.value !== again.value) return say("The two passphrases differ.");
  say("Asking…");
  try {
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    const taken = await post<TakenOut>(location.pathname, { what, recipient });
    if (taken.done !== "file") return say(waiting(taken));
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const bytes = await decrypter.decrypt(base64.decode(taken.file));
    try {
      await (what === "key" ? giveKey(bytes) : giveBackup(bytes));
    } finally {
      bytes.fill(0);
    }
  } catch (error) {
    if (error instanceof RefusedError && error.code === "step-up-required") show("confirm-first", true);
    say(sentenceOf(error, "This did not work. If it is in the activity, the key left Countersign and was thrown away here; try again."));
  }
}

function waiting(taken: Exclude<TakenOut, { done: "file" }>): string {
  if (taken.done === "held") return "All owners were told by mail. Once another owner has confirmed, come back and do this again.";
  return `You have no passkey, so this waits. All owners were told by mail and can cancel. Come back after ${new Date(taken.effectiveAt).toLocaleString()}.`;
}

async function giveKey(key: Uint8Array): Promise<void> {
  if (publicKeyOf(key) !== block.dataset["pubkey"]) throw new Error("expected the key of this bunker");
  const text = await sealNcryptsec(key, passphrase.value, PASSPHRASE_LOG_N, { onProgress: progressIn(status, "Encrypting") });
  result.value = text;
  result.hidden = false;
  offer(new Blob([`${text}\n`], { type: "text/plain" }), "ncryptsec.txt");
  say("Done. This is the key under your passphrase: keep both, in different places.");
}

async function giveBackup(backup: Uint8Array): Promise<void> {
  say("Encrypting…");
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.value);
  encrypter.setScryptWorkFactor(PASSPHRASE_LOG_N);
  const file = await encrypter.encrypt(backup);
  result.hidden = true;
  offer(new Blob([Uint8Array.from(file)], { type: "application/octet-stream" }), "backup.age");
  say("Done. Save the file, and keep the passphrase in another place.");
}

function offer(blob: Blob, name: string): void {
  if (download.href !== "") URL.revokeObjectURL(download.href);
  download.href = URL.createObjectURL(blob);
  download.download = `${block.dataset["name"] ?? "bunker"}-${name}`;
  show("taken", true);
  passphrase.value = "";
  again.value = "";
}

onPress(element("take-key", HTMLButtonElement), () => take("key"));
onPress(element("take-backup", HTMLButtonElement), () => take("backup"));
forgetOnLeaving(passphrase, again, result);
show("take-out", true);
show("needs-script", false);
