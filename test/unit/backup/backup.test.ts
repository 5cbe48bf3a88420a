// Backup files: the vectors open, everything that is none is refused with a sentence, and no sentence holds what the file held.

import { base64 } from "@scure/base";
import { armor, Encrypter, generateX25519Identity } from "age-encryption";
import { describe, expect, it } from "vitest";
import { MAX_BACKUP_BYTES, parseBackup, readBackup } from "../../../src/backup/backup.ts";
import { lockOf, MAX_FILE_BYTES, openBackupFile } from "../../../src/backup/open-file.ts";
import { parsePolicy } from "../../../src/policy/document.ts";
import { publicKeyOf } from "../../../src/protocol/keys.ts";
import { transportSecretKey } from "../../../src/sealing/derive.ts";
import vector from "../../vectors/backup.json" with { type: "json" };

const underPassphrase = base64.decode(vector.fileUnderPassphrase);
const toRecipient = base64.decode(vector.fileToRecipient);
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

async function problemOf(file: Uint8Array, secret: string): Promise<string> {
  const opened = await openBackupFile(file, secret);
  return opened.ok ? "it opened" : opened.problem;
}

async function sealed(plain: Uint8Array | string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(vector.recipient);
  return encrypter.encrypt(plain);
}

describe("the vectors", () => {
  it("open with the passphrase and with the identity, and hold what the format says", async () => {
    expect(lockOf(underPassphrase)).toBe("passphrase");
    expect(lockOf(toRecipient)).toBe("identity");
    expect(await openBackupFile(underPassphrase, vector.passphrase)).toEqual({ ok: true, backup: vector.backup });
    expect(await openBackupFile(toRecipient, `${vector.identity}\n`)).toEqual({ ok: true, backup: vector.backup });
    const armoured = new TextEncoder().encode(armor.encode(toRecipient));
    expect(await openBackupFile(armoured, vector.identity)).toEqual({ ok: true, backup: vector.backup });
  });

  it("hold the key of the identity, apps' keys that derive from the seed, and a policy that is understood", () => {
    const { backup } = vector;
    expect(publicKeyOf(bytes(backup.userSecretKey))).toBe(backup.bunker.userPubkey);
    for (const { pubkey, signerId } of backup.remoteSigners) {
      expect(publicKeyOf(transportSecretKey(bytes(backup.seed), bytes(signerId)))).toBe(pubkey);
    }
    expect(parsePolicy(JSON.parse(backup.policies[0]?.document ?? "")).ok).toBe(true);
  });
});

describe("a file that is not what it should be", () => {
  it("is refused with a sentence: no age file, another's, damaged at any place, cut short, too large", async () => {
    expect(await problemOf(new TextEncoder().encode("{}"), "x")).toMatch(/^This is no age file/);
    expect(await problemOf(new Uint8Array(), "x")).toMatch(/^This is no age file/);
    expect(await problemOf(underPassphrase, "another one")).toBe("The passphrase does not open it.");
    expect(await problemOf(toRecipient, await generateX25519Identity())).toMatch(/for somebody else/);
    expect(await problemOf(toRecipient, "AGE-SECRET-KEY-1NONE")).toMatch(/^That is no identity/);
    expect(await problemOf(new Uint8Array(MAX_FILE_BYTES + 1), "x")).toMatch(/larger than any backup/);
    for (const length of [100, 199, 250, toRecipient.length - 1]) {
      expect([length, await problemOf(toRecipient.subarray(0, length), vector.identity)]).toEqual([
        length,
        expect.stringMatching(/damaged, or part of it is missing|no age file/),
      ]);
    }
    for (let at = 0; at < toRecipient.length; at += 41) {
      const flipped = toRecipient.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect((await openBackupFile(flipped, vector.identity)).ok, `byte ${at}`).toBe(false);
    }
  });

  it("does not make a machine work for ever", async () => {
    const text = new TextDecoder("latin1").decode(underPassphrase);
    const costly = Uint8Array.from(text.replace(/(-> scrypt \S+) 10/, "$1 30"), (letter) => letter.charCodeAt(0));
    expect(await problemOf(costly, vector.passphrase)).toMatch(/more work/);
  });

  it("is refused where what is inside is no backup, or one of another version", async () => {
    expect(await problemOf(await sealed("hello"), vector.identity)).toMatch(/no backup of Countersign/);
    expect(await problemOf(await sealed(Uint8Array.of(0xff, 0xfe)), vector.identity)).toMatch(/no backup of Countersign/);
    const next = JSON.stringify({ ...vector.backup, format: "countersign-backup/v2" });
    expect(await problemOf(await sealed(next), vector.identity)).toMatch(
      /another version of Countersign: this one reads countersign-backup\/v1/,
    );
    expect(readBackup(new Uint8Array(MAX_BACKUP_BYTES + 1))).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/larger/) as string,
    });
    expect(readBackup(new TextEncoder().encode("[".repeat(10_000)))).toMatchObject({ ok: false });
  });
});

describe("a field that is not what it should be", () => {
  const { backup } = vector;
  const [app] = backup.connections;
  const [policy] = backup.policies;
  it.each<[string, object]>([
    ["the key in it is not that of the identity that it names", { ...backup, userSecretKey: "11".repeat(32) }],
    ["the key in it is no secret key", { ...backup, userSecretKey: "00".repeat(32) }],
    ["seed: expected 64 lower-case hex digits", { ...backup, seed: backup.seed.toUpperCase() }],
    ["the backup: expected no more than: ", { ...backup, invites: [] }],
    ["activity is missing", { ...backup, activity: undefined, extra: 1 }],
    ["connections[0].state: expected one of: active", { ...backup, connections: [{ ...app, state: "owner" }] }],
    ["connections[0].client: expected a public key", { ...backup, connections: [{ ...app, client: "ff".repeat(32) }] }],
    ["connections[1]: expected another one than before", { ...backup, connections: [app, app] }],
    ["connections: expected a list", { ...backup, connections: {} }],
    ["policies[0].document: expected the JSON of that policy", { ...backup, policies: [{ ...policy, name: "other" }] }],
    ["policies[1]: expected another one than before", { ...backup, policies: [policy, policy] }],
    ["members[0].role: expected one of: owner", { ...backup, members: [{ email: "a@example.org", role: "root" }] }],
    ["nicknames[0].pubkey: expected a public key", { ...backup, nicknames: [{ ...backup.nicknames[0], pubkey: "" }] }],
    ["activity.seq: expected a whole number", { ...backup, activity: { ...backup.activity, seq: -1 } }],
    ["activity.epoch: expected a whole number", { ...backup, activity: { ...backup.activity, epoch: 2 ** 53 } }],
    // One more would be no later any more; a moment beyond all calendars could be shown on no page.
    ["activity.epoch: expected a whole number up to 1000000", { ...backup, activity: { ...backup.activity, epoch: 2 ** 53 - 1 } }],
    ["policies[0].version: expected at most", { ...backup, policies: [{ ...policy, version: 2 ** 53 - 1 }] }],
    ["connections[0].createdAt: expected at most", { ...backup, connections: [{ ...app, createdAt: 2 ** 53 - 1 }] }],
    ["nicknames[0].givenAt: expected at most", { ...backup, nicknames: [{ ...backup.nicknames[0], givenAt: 2 ** 53 - 1 }] }],
    ["connections[0].expiresAt: expected at most", { ...backup, connections: [{ ...app, expiresAt: 2 ** 53 - 1 }] }],
    ["connections[0].idleExpiresInSeconds: expected at most", { ...backup, connections: [{ ...app, idleExpiresInSeconds: 2 ** 53 - 1 }] }],
    ["bunker.name: expected one line", { ...backup, bunker: { ...backup.bunker, name: "a\nb" } }],
    [
      "bunker.settings.votes: expected one of: link",
      { ...backup, bunker: { ...backup.bunker, settings: { ...backup.bunker.settings, votes: "none" } } },
    ],
    ["madeAt: expected a moment as ISO 8601", { ...backup, madeAt: "yesterday" }],
  ])("%s", (problem, changed) => {
    const read = parseBackup(JSON.parse(JSON.stringify(changed)));
    expect(read).toMatchObject({ ok: false });
    const said = read.ok ? "" : read.problem;
    expect(said.startsWith(problem)).toBe(true);
    expect(said).not.toContain(backup.userSecretKey);
    expect(said).not.toContain(backup.seed);
  });
});
