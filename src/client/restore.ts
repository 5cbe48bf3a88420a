// Bringing a backup back: the file is opened in this page, and what it holds is sent only when somebody has said that it is the bunker they
// mean. Neither file nor passphrase leaves the page.

import type { Backup } from "../backup/backup.ts";
import { lockOf, MAX_FILE_BYTES, openBackupFile } from "../backup/open-file.ts";
import { npubOf } from "../protocol/npub.ts";
import { element, forgetOnLeaving, onPress, post, RefusedError, sentenceOf, show } from "./parts/page.ts";

type Restored = { readonly next: string } | { readonly held: true };

const block = element("restore", HTMLElement);
const file = element("file", HTMLInputElement);
const passphrase = element("passphrase", HTMLInputElement);
const identity = element("identity", HTMLTextAreaElement);
const status = element("status", HTMLElement);

let chosen: Uint8Array | undefined;
/** Opened and waiting for "Yes". */
let found: Backup | undefined;

function say(words: string): void {
  status.textContent = words;
}

function forget(): void {
  found = undefined;
  show("found", false);
}

async function choose(): Promise<void> {
  forget();
  say("");
  const [one] = file.files ?? [];
  chosen = undefined;
  if (one === undefined) return follow();
  if (one.size > MAX_FILE_BYTES) {
    follow();
    return say("The file is larger than any backup.");
  }
  chosen = new Uint8Array(await one.arrayBuffer());
  follow();
  if (lockOf(chosen) === undefined) say("This is no age file. A backup of Countersign is one: its name usually ends with .age.");
}

function follow(): void {
  const lock = chosen === undefined ? undefined : lockOf(chosen);
  show("passphrase-field", lock === "passphrase");
  show("identity-field", lock === "identity");
}

async function open(): Promise<void> {
  forget();
  if (chosen === undefined) return say("Choose the file first.");
  say("Opening…");
  // The screen first: what follows keeps the browser busy for a second.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const opened = await openBackupFile(chosen, lockOf(chosen) === "passphrase" ? passphrase.value : identity.value);
  if (!opened.ok) return say(opened.problem);
  const { wanted } = block.dataset;
  if (wanted !== undefined && wanted !== "" && opened.backup.bunker.userPubkey !== wanted) {
    return say("This is the backup of another identity, not of this bunker.");
  }
  found = opened.backup;
  tell(found);
  say("");
  show("found", true);
  element("question", HTMLElement).focus();
}

function tell({ bunker, madeAt, connections, policies, members, activity }: Backup): void {
  const write = (id: string, words: string) => (element(id, HTMLElement).textContent = words);
  write("found-name", bunker.name);
  write("found-npub", npubOf(bunker.userPubkey));
  write("found-made", new Date(madeAt).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }));
  write("found-apps", listed(connections.filter(({ state }) => state !== "revoked").map(({ name }) => name)));
  write("found-policies", String(new Set(policies.map(({ name }) => name)).size || "none"));
  write("found-team", members.length === 0 ? "nobody" : members.map(({ email, role }) => `${email} (${role})`).join(", "));
  write("found-relays", listed(bunker.outboundRelays));
  write("found-entries", activity.seq === 1 ? "1 entry" : `${activity.seq} entries`);
}

const NAMED = 20; // as many as are read

/** Words of a file: without marks that turn the order of what follows around. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const named = names.slice(0, NAMED).map((name) => name.replaceAll(/\p{Cf}/gu, ""));
  return `${names.length}: ${named.join(", ")}${names.length > NAMED ? ", …" : ""}`;
}

async function restore(): Promise<void> {
  if (found === undefined) return;
  say("Restoring…");
  try {
    const restored = await post<Restored>(location.pathname, { backup: found });
    if ("held" in restored)
      return say("All owners were told by mail. Once another owner has confirmed, come back and do this again with the same file.");
    forget();
    passphrase.value = "";
    identity.value = "";
    location.assign(restored.next);
  } catch (error) {
    if (error instanceof RefusedError && error.code === "step-up-required") show("confirm-first", true);
    say(sentenceOf(error, "This did not work. Try again with the same file: what was begun goes on from there."));
  }
}

file.addEventListener("change", () => void choose());
passphrase.addEventListener("input", forget);
identity.addEventListener("input", forget);
onPress(element("open", HTMLButtonElement), open);
onPress(element("yes", HTMLButtonElement), restore);
element("no", HTMLButtonElement).addEventListener("click", () => {
  forget();
  file.focus();
});
forgetOnLeaving(passphrase, identity);
addEventListener("pagehide", forget);
show("restore", true);
show("needs-script", false);
void choose();
