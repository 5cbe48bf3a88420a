// Keys in a real browser: bringing one in every form. What was typed is read in the page and sent once its owner has said yes.

import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { Decrypter, Encrypter } from "age-encryption";
import { npubEncode, nsecEncode } from "nostr-tools/nip19";
import { decrypt, encrypt } from "nostr-tools/nip49";
import { getPublicKey } from "nostr-tools/pure";
import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backup } from "../../src/backup/backup.ts";
import { claimLink } from "../../src/people/claim-code.ts";
import { launchBrowser } from "../support/browser.ts";
import { api, startInstance, type Instance } from "../support/instance.ts";
import { filesBelow, findInFiles, keyNeedles } from "../support/state-files.ts";
import { DESK, look, watch, type Watch } from "./look.ts";

/** NIP-06's first vector. */
const WORDS = "leader monkey parrot ring guide accident before fence cannon height naive bean";
const SEED_KEY = hexToBytes("7f7ff03d123792d6ac594bfa67bf6d0c0ab55b6b1fdb6249303fe861f1ccba9a");
const PLAIN_KEY = new Uint8Array(32).fill(0x21);
const SEALED_KEY = new Uint8Array(32).fill(0x42);
const MOVED_KEY = new Uint8Array(32).fill(0x63);

/** A relay that nobody serves is still one that may be named. */
const SETTINGS = { env: { ALLOW_INSECURE_RELAYS: "true" } };

let instance: Instance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watch;
/** Of the bunker "Sealed". */
let backup: Backup;
const sent: Request[] = [];

beforeAll(async () => {
  instance = await startInstance(SETTINGS);
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: DESK });
  context.setDefaultTimeout(20_000);
  page = await context.newPage();
  watched = watch(page, instance.url);
  page.on("request", (request) => sent.push(request));
  await page.goto(claimLink(instance.url, instance.setupToken));
  await page.getByLabel("Your email").fill("ana@example.org");
  await press("Claim it");
  await page.getByRole("status").getByText("This Countersign is yours.").waitFor();
});
afterAll(async () => {
  await context?.close();
  await browser?.close();
  await instance?.discard();
});

const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
const npubOf = (key: Uint8Array) => npubEncode(getPublicKey(key));
const bodies = () => sent.map((request) => request.postData() ?? "").join("\n");

async function typeKey(name: string, key: string): Promise<void> {
  await page.goto(`${instance.url}/new/import`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Secret key").fill(key);
}

async function bunkerNamed(name: string): Promise<string> {
  const listed = await api(instance).request<{ items: { id: string; name: string }[] }>("GET", "/bunkers");
  return listed.body.items.find((bunker) => bunker.name === name)?.id ?? "";
}

/** As somebody does who has the files and no key. The instance is stopped. */
function changeBunker({ stateDir }: Instance, id: string, statement: string): void {
  const database = new DatabaseSync(filesBelow(stateDir).find((path) => path.endsWith(`${id}.sqlite`)) ?? "");
  try {
    database.exec(statement);
  } finally {
    database.close();
  }
}

const fileOf = async (content: object, passphrase: string) => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(10);
  return {
    name: "news.age",
    mimeType: "application/octet-stream",
    buffer: Buffer.from(await encrypter.encrypt(JSON.stringify(content))),
  };
};

/** Opens what a file would hold on the page that is there. */
async function openFile(content: object): Promise<void> {
  await page.getByLabel("The backup file").setInputFiles(await fileOf(content, "a stable and a staple"));
  await page.getByLabel("Its passphrase").fill("a stable and a staple");
  await press("Open the file");
}

/** Reads what was typed and answers the public key that the page shows. */
async function readKey(): Promise<string> {
  await press("Read the key");
  await page.getByRole("heading", { name: "Is this the identity you mean?" }).waitFor();
  return (await page.locator("#npub").textContent()) ?? "";
}

describe("a key that is brought", () => {
  it("as an nsec is shown as its public key, and is sent only after yes", async () => {
    await typeKey("Plain", nsecEncode(PLAIN_KEY));
    expect(await readKey()).toBe(npubOf(PLAIN_KEY));
    expect(await look(page, "bring-key-found")).toEqual([]);
    expect(bodies()).not.toContain(bytesToHex(PLAIN_KEY));
    await press("No, it is another one");
    expect(await page.getByRole("heading", { name: "Is this the identity you mean?" }).isVisible()).toBe(false);
    await readKey();
    await press("Yes, keep it here");
    await page.getByText("Your bunker is ready.").waitFor();
    expect(await page.locator("main").textContent()).toContain(npubOf(PLAIN_KEY).slice(0, 8));
  });

  it("as an ncryptsec is opened in the page: its passphrase never leaves it", async () => {
    await typeKey("Sealed", encrypt(SEALED_KEY, "correct horse", 12));
    await page.getByLabel("Its passphrase").fill("wrong horse");
    await press("Read the key");
    await page.getByText("The passphrase does not open it.").waitFor();
    await page.getByLabel("Its passphrase").fill("correct horse");
    expect(await readKey()).toBe(npubOf(SEALED_KEY));
    await press("Yes, keep it here");
    await page.getByText("Your bunker is ready.").waitFor();
    expect(bodies()).not.toMatch(/horse|ncryptsec/);
  });

  it("as a seed phrase is derived in the page: its words never leave it", async () => {
    await typeKey("Words", WORDS);
    expect(await page.getByLabel("Account of the seed phrase").inputValue()).toBe("0");
    expect(await readKey()).toBe(npubOf(SEED_KEY));
    await press("Yes, keep it here");
    await page.getByText("Your bunker is ready.").waitFor();
    expect(bodies()).not.toContain("leader");
  });

  it("is met with one sentence when it is none", async () => {
    await typeKey("Wrong", npubOf(PLAIN_KEY));
    await press("Read the key");
    await page.getByText("This is a public key. A bunker needs the secret one: it starts with nsec.").waitFor();
    await page.getByLabel("Secret key").fill(WORDS.replace("bean", "beam"));
    await press("Read the key");
    await page.getByText(/^These words do not fit together/).waitFor();
  });

  it("is forgotten with the page: the way back shows empty fields", async () => {
    await typeKey("Back", nsecEncode(PLAIN_KEY));
    await readKey();
    await page.goto(`${instance.url}/account`);
    await page.goBack();
    expect(await page.getByLabel("Secret key").inputValue()).toBe("");
    expect(await page.getByRole("heading", { name: "Is this the identity you mean?" }).isVisible()).toBe(false);
  });
});

describe("a key that is made", () => {
  it("in the browser can be copied before it goes in", async () => {
    await page.goto(`${instance.url}/new/import`);
    await page.getByLabel("Name", { exact: true }).fill("Made here");
    await press("Make one in this browser");
    expect(await page.getByLabel("Secret key").inputValue()).toMatch(/^nsec1/);
    await readKey();
    await press("Yes, keep it here");
    await page.getByText("Your bunker is ready.").waitFor();
  });
});

describe("taking a key out", () => {
  async function openExport(): Promise<void> {
    await page.goto(`${instance.url}/b/${await bunkerNamed("Sealed")}/settings/custody/export`);
    await page.getByLabel("A new passphrase").fill("four random words here");
  }

  it("gives it under a passphrase that other software opens, and neither leaves the page", async () => {
    await openExport();
    expect(await look(page, "take-out")).toEqual([]);
    await press("Export the key");
    await page.getByText("The two passphrases differ.").waitFor();
    await page.getByLabel("The same again").fill("four random words here");
    await press("Export the key");
    await page.getByText("Done. This is the key under your passphrase", { exact: false }).waitFor({ timeout: 60_000 });
    const text = await page.getByLabel("The key under your passphrase").inputValue();
    expect(decrypt(text, "four random words here")).toEqual(SEALED_KEY);
    expect(bodies()).not.toMatch(/random words|ncryptsec/);
    const activity = await api(instance).request("GET", `/bunkers/${await bunkerNamed("Sealed")}/activity`);
    expect(JSON.stringify(activity.body)).toContain('"method":"key.export"');
  });

  it("gives everything as an age file under that passphrase", async () => {
    await openExport();
    await page.getByLabel("The same again").fill("four random words here");
    await press("Back everything up");
    await page.getByText("Done. Save the file", { exact: false }).waitFor({ timeout: 60_000 });
    const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Save it as a file" }).click()]);
    const decrypter = new Decrypter();
    decrypter.addPassphrase("four random words here");
    backup = JSON.parse(await decrypter.decrypt(readFileSync(await saved.path()), "text")) as Backup;
    expect(backup.userSecretKey).toBe(bytesToHex(SEALED_KEY));
  });
});

describe("restoring a backup", () => {
  it("is reached from New bunker, and is met with one sentence when the file is none or the passphrase wrong", async () => {
    await page.goto(`${instance.url}/new`);
    await page.getByRole("link", { name: "Restore a backup" }).click();
    expect(await look(page, "restore")).toEqual([]);
    await page.getByLabel("The backup file").setInputFiles({ name: "x", mimeType: "text/plain", buffer: Buffer.from("no backup") });
    await page.getByText("This is no age file.", { exact: false }).waitFor();
    await page.getByLabel("The backup file").setInputFiles(await fileOf(backup, "a stable and a staple"));
    await page.getByLabel("Its passphrase").fill("wrong");
    await press("Open the file");
    await page.getByText("The passphrase does not open it.").waitFor();
    await openFile({ ...backup, format: "countersign-backup/v9" });
    await page.getByText("another version of Countersign", { exact: false }).waitFor();
  });

  it("is refused while the identity has a bunker here", async () => {
    await page.goto(`${instance.url}/new/restore`);
    await openFile({ ...backup, bunker: { ...backup.bunker, outboundRelays: ["wss://relay.example.org/\u202e"] } });
    await page.getByRole("heading", { name: "Is this the bunker you mean?" }).waitFor();
    expect(await page.locator("#found-relays").textContent()).toBe("1: wss://relay.example.org/");
    await press("Yes, restore it");
    await page.getByText("This identity has a bunker here, Sealed", { exact: false }).waitFor();
  });

  it("shows what is in the file, and makes a locked bunker of it: neither file nor passphrase leaves the page", async () => {
    await page.goto(`${instance.url}/new/restore`);
    const moved = { ...backup.bunker, id: "ab".repeat(32), name: "Moved here", userPubkey: getPublicKey(MOVED_KEY) };
    await openFile({
      ...backup,
      bunker: moved,
      userSecretKey: bytesToHex(MOVED_KEY),
      members: [{ email: "ben@example.org", role: "approver" }],
    });
    await page.getByRole("heading", { name: "Is this the bunker you mean?" }).waitFor();
    expect(await page.locator("#found").textContent()).toContain(npubOf(MOVED_KEY));
    expect(await look(page, "restore-found")).toEqual([]);
    expect(bodies()).not.toContain(bytesToHex(MOVED_KEY));
    await press("Yes, restore it");
    await page.getByText("It is restored, and locked.", { exact: false }).waitFor();
    expect(bodies()).not.toMatch(/stable and|age-encryption/);
    const listed = await api(instance).request("GET", `/bunkers/${await bunkerNamed("Moved here")}`);
    expect(listed.body).toMatchObject({ locked: true });
  });

  it("in place is refused where nothing is wrong", async () => {
    await page.goto(`${instance.url}/b/${await bunkerNamed("Sealed")}/restore`);
    expect(await look(page, "restore-in-place")).toEqual([]);
    await openFile({ ...backup, bunker: { ...backup.bunker, userPubkey: getPublicKey(MOVED_KEY) }, userSecretKey: bytesToHex(MOVED_KEY) });
    await page.getByText("This is the backup of another identity, not of this bunker.").waitFor();
    await openFile(backup);
    await page.getByRole("heading", { name: "Is this the bunker you mean?" }).waitFor();
    await press("Yes, restore it");
    await page.getByText("Nothing is wrong with this bunker", { exact: false }).waitFor();
  });
});

describe("deleting", () => {
  it("asks for the name, stops at once, and is taken back", async () => {
    await page.goto(`${instance.url}/b/${await bunkerNamed("Plain")}/delete`);
    expect(await look(page, "delete")).toEqual([]);
    await page.getByLabel("Type Plain to confirm").fill("plain");
    await press("Delete Plain");
    await page.getByRole("alert").getByText("That is not the name. Type Plain exactly.").waitFor();
    await page.getByLabel("Type Plain to confirm").fill("Plain");
    await press("Delete Plain");
    await page.getByRole("heading", { name: "Plain is deleted" }).waitFor();
    expect(await look(page, "deleted")).toEqual([]);
    await press("Bring Plain back");
    await page.getByText("It is back, and locked.").waitFor();
  });
});

describe("the keys of every bunker", () => {
  it("are sealed anew on an owner's order, and the page shows how far that is", async () => {
    await page.goto(`${instance.url}/account/instance/keys`);
    await page.getByText("Nothing was sealed anew yet.").waitFor();
    await page.getByText("The same data keys, wrapped anew").click();
    await press("Seal every key anew");
    await page.getByRole("status").getByText("Ordered. It goes on by itself").waitFor();
    await expect
      .poll(async () => {
        await page.reload();
        return page.locator("#progress").textContent();
      })
      .toBe("Everything is sealed anew");
    expect(await page.locator("main").textContent()).toMatch(/(\d+) of \1 done.*The same data keys, wrapped anew, ordered/s);
    expect(await look(page, "instance-keys")).toEqual([]);
    await page.goto(`${instance.url}/account/instance`);
    await page.getByText("The last owner stays").waitFor();
    expect(await look(page, "instance", "each once")).toEqual([]);
  });
});

describe("the head of the activity", () => {
  it("is published where the owner says, and the page tells how it went", async () => {
    const settings = `${instance.url}/b/${await bunkerNamed("Sealed")}/settings`;
    await page.goto(settings);
    await page.getByRole("link", { name: "Published heads" }).click();
    await page.getByText("Nothing is published.").waitFor();
    await page.getByLabel("Relays to publish on").fill("https://relay.example");
    await press("Save where to publish");
    await page.getByRole("alert").getByText("a relay must be a wss:// URL").waitFor();
    await page.getByLabel("Relays to publish on").fill("ws://127.0.0.1:9");
    await press("Save where to publish");
    await expect
      .poll(async () => {
        await page.goto(`${settings}/publishing`);
        return page.locator("main").textContent();
      })
      .toContain("not reachable");
    expect(await look(page, "publishing")).toEqual([]);
  });
});

describe("a bunker whose database was changed from outside", () => {
  let [changed, damaged, backedUp] = ["", "", ""];

  beforeAll(async () => {
    [changed, damaged, backedUp] = [await bunkerNamed("Words"), await bunkerNamed("Made here"), await bunkerNamed("Sealed")];
    // An open page would go on asking for its socket.
    await page.goto("about:blank");
    await instance.stop();
    changeBunker(instance, changed, "UPDATE bunker SET locked_at = NULL, exportable = 1, name = 'Harmless'");
    changeBunker(instance, damaged, "UPDATE bunker SET sealed_seed = zeroblob(82)");
    changeBunker(instance, backedUp, "UPDATE bunker SET public_url = 'https://elsewhere.example'");
    instance = await startInstance({ ...SETTINGS, stateDir: instance.stateDir, port: instance.port });
  });

  it("says on every page what is known, that nothing is signed, and the way on", async () => {
    for (const path of ["", "/apps", "/settings"]) {
      await page.goto(`${instance.url}/b/${changed}${path}`);
      await page.getByRole("heading", { name: "Words was changed from outside" }).waitFor();
    }
    const text = (await page.locator("main").textContent()) ?? "";
    expect(text).toContain("It signs nothing");
    expect(text).toContain(npubOf(SEED_KEY));
    expect(text).toMatch(/Entry \d+ of its activity/);
    expect(text).not.toContain("Harmless");
    expect(await look(page, "changed-bunker")).toEqual([]);
    await page.getByRole("link", { name: "delete this one" }).click();
    await page.getByRole("heading", { name: "This bunker was changed from outside" }).waitFor();
    expect(await look(page, "delete-changed-bunker", "each once")).toEqual([]);
  });

  it("is restored in place from a backup: the same identity, locked, and its old entries kept", async () => {
    await page.goto(`${instance.url}/b/${backedUp}`);
    await page.getByRole("heading", { name: "Sealed was changed from outside" }).waitFor();
    await page
      .getByRole("link", { name: "restore it in place" })
      .or(page.getByRole("link", { name: "restores it in place" }))
      .click();
    await page.getByRole("heading", { name: "Restore this bunker" }).waitFor();
    expect(await look(page, "restore-changed-bunker")).toEqual([]);
    await openFile(backup);
    await page.getByRole("heading", { name: "Is this the bunker you mean?" }).waitFor();
    await press("Yes, restore it");
    await page.getByText("It is restored, and locked.", { exact: false }).waitFor();
    expect(await page.locator("main").textContent()).toContain("Bunker restored from a backup");
    const entries = await api(instance).request("GET", `/bunkers/${backedUp}/activity?epoch=0`);
    expect(JSON.stringify(entries.body)).toContain('"method":"key.backup"');
    expect((await api(instance).request("GET", `/bunkers/${backedUp}/activity/verify`)).body).toMatchObject({ ok: true });
  });

  it("so that it cannot be read any more is destroyed by an owner of the instance", async () => {
    await page.goto(`${instance.url}/b/${damaged}`);
    await page.getByRole("heading", { name: "Made here cannot be read" }).waitFor();
    expect(await look(page, "damaged-bunker")).toEqual([]);
    await page.getByLabel("Type Made here to confirm").fill("made here");
    await press("Destroy Made here");
    await page.getByRole("alert").getByText("That is not the name. Type Made here exactly.").waitFor();
    await page.getByLabel("Type Made here to confirm").fill("Made here");
    await press("Destroy Made here");
    await page.getByRole("status").getByText("It is destroyed.").waitFor();
    expect(await bunkerNamed("Made here")).toBe("");
  });
});

it("the pages load nothing from elsewhere and break no rule of their own", () => {
  expect(watched.findings()).toEqual([]);
});

it("no key that came in lies in the files", async () => {
  await instance.stop();
  const needles = [PLAIN_KEY, SEALED_KEY, SEED_KEY, MOVED_KEY, hexToBytes(backup.seed)].flatMap((key, index) =>
    keyNeedles(`key ${index}`, key),
  );
  expect(findInFiles(instance.stateDir, needles)).toEqual([]);
});
