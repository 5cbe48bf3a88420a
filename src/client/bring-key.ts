// Bringing a key into a new bunker. The key stays in this page until somebody has said that it is the identity they mean.

import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import { nsecEncode } from "nostr-tools/nip19";
import { npubOf } from "../protocol/npub.ts";
import { isSecretKey, publicKeyOf } from "../protocol/keys.ts";
import { keyFormOf, readTypedKey } from "./keys/typed-key.ts";
import { MAX_ACCOUNT } from "./keys/seed-phrase.ts";
import { element, forgetOnLeaving, onPress, post, progressIn, sentenceOf, show } from "./parts/page.ts";

const name = element("name", HTMLInputElement);
const typed = element("key", HTMLTextAreaElement);
const passphrase = element("passphrase", HTMLInputElement);
const account = element("account", HTMLInputElement);
const status = element("status", HTMLElement);
const npub = element("npub", HTMLElement);

/** Read and waiting for "Yes". */
let found: Uint8Array | undefined;

function forget(): void {
  found?.fill(0);
  found = undefined;
  show("found", false);
}

function say(words: string): void {
  status.textContent = words;
}

/** Which fields belong to what was typed. Whatever was found before is no longer what stands there. */
function follow(): void {
  forget();
  say("");
  const form = keyFormOf(typed.value);
  show("passphrase-field", form === "ncryptsec" || form === "seed-phrase");
  show("account-field", form === "seed-phrase");
  element("passphrase-hint", HTMLElement).textContent =
    form === "seed-phrase" ? "Only if the seed phrase has one. It is not the words themselves." : "The one that it was exported under.";
}

async function read(): Promise<void> {
  forget();
  const index = Number(account.value || "0");
  if (!Number.isInteger(index) || index < 0 || index > MAX_ACCOUNT) return say("The account is a whole number, 0 unless you know better.");
  say("Reading…");
  const what = { text: typed.value, passphrase: passphrase.value, account: index };
  const key = await readTypedKey(what, { onProgress: progressIn(status, "Opening") });
  if (!key.ok) return say(key.sentence);
  found = key.secretKey;
  npub.textContent = npubOf(publicKeyOf(found));
  say("");
  show("found", true);
  element("question", HTMLElement).focus();
}

async function bring(): Promise<void> {
  if (found === undefined) return;
  const isExportable = element("exportable", HTMLInputElement).checked;
  say("Sealing…");
  try {
    const body = { name: name.value, secretKey: bytesToHex(found), exportable: isExportable };
    const { next } = await post<{ next: string }>("/new/import", body);
    forget();
    typed.value = "";
    passphrase.value = "";
    location.assign(next);
  } catch (error) {
    say(sentenceOf(error, "This did not work. Nothing was made; try again."));
  }
}

function make(): void {
  let secretKey = randomBytes(32);
  // Fails about once in 2^128 draws.
  while (!isSecretKey(secretKey)) secretKey = randomBytes(32);
  typed.value = nsecEncode(secretKey);
  secretKey.fill(0);
  follow();
  say("Made in this browser. Copy it to a safe place now: it is not shown again once you go on.");
}

typed.addEventListener("input", follow);
passphrase.addEventListener("input", forget);
account.addEventListener("input", forget);
element("make", HTMLButtonElement).addEventListener("click", make);
onPress(element("read", HTMLButtonElement), read);
onPress(element("yes", HTMLButtonElement), bring);
element("no", HTMLButtonElement).addEventListener("click", () => {
  forget();
  typed.focus();
});
forgetOnLeaving(typed, passphrase);
addEventListener("pagehide", forget);
show("bring", true);
show("needs-script", false);
follow();
