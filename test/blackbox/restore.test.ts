// A backup on its whole way: out of an instance, through kills of the process in the middle of restoring it, back in by the command, to the
// app that goes on; the drill beside it; and the disk searched for the key and the seed afterwards.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { base64 } from "@scure/base";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backup } from "../../src/backup/backup.ts";
import { openBackupFile } from "../../src/backup/open-file.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { HostedBunker, newSecretKey, template } from "../conformance/support.ts";
import { api, startInstance, type Instance } from "../support/instance.ts";
import type { Nip46Client } from "../support/nip46-client.ts";
import { findIn, findInFiles, keyNeedles } from "../support/state-files.ts";

/** Each a little later in the work: a start costs seconds, and test/workerd/restore.test.ts cuts off at every step. */
const KILLED_AFTER_MS = [15, 45];
const userSecretKey = newSecretKey();
const folder = mkdtempSync(join(tmpdir(), "countersign-restore-test-"));
const [file, identityFile] = [join(folder, "news.age"), join(folder, "identity.txt")];

let instance: Instance;
let bunker: HostedBunker;
let app: Nip46Client;
let backup: Backup;
let printed = "";

beforeAll(async () => {
  instance = await startInstance();
  const made = await operator("POST", "", { name: "Daily News", secretKey: Buffer.from(userSecretKey).toString("hex"), exportable: true });
  bunker = new HostedBunker(() => instance, made.body.id, publicKeyOf(userSecretKey));
  app = await bunker.connectedApp();
  const identity = await generateX25519Identity();
  const taken = await bunker.api<{ file: string }>("POST", "/backup", { recipient: await identityToRecipient(identity) });
  writeFileSync(file, base64.decode(taken.body.file));
  writeFileSync(identityFile, `# not a key of anybody's\n${identity}\n`);
  const opened = await openBackupFile(base64.decode(taken.body.file), identity);
  if (!opened.ok) throw new Error(opened.problem);
  backup = opened.backup;
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await instance?.discard();
});

function operator(method: string, path: string, body?: unknown) {
  return api(instance).request<{ id: string; locked?: boolean; items?: readonly { readonly id: string }[] }>(
    method,
    `/bunkers${path}`,
    body,
  );
}

/** A command of ours, as somebody types it. */
async function run(tool: string, ...args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, SETUP_TOKEN: instance.setupToken };
  const child = spawn(process.execPath, [`src/tools/${tool}.ts`, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  printed += said;
  return { code, said };
}

const restore = () => run("restore", file, "--identity", identityFile, "--url", instance.url);

describe("a bunker that is gone", () => {
  it("is refused while it is still here, and where somebody names another's identity", async () => {
    const here = await restore();
    expect([here.code, here.said]).toEqual([1, expect.stringContaining("this identity has a bunker here, Daily News")]);
    writeFileSync(join(folder, "other.txt"), await generateX25519Identity());
    const other = await run("restore", file, "--identity", join(folder, "other.txt"), "--url", instance.url);
    expect([other.code, other.said]).toEqual([1, expect.stringContaining("the file is for somebody else")]);
  });

  it("comes back whole or not at all when the process is killed in the middle of restoring, and the next try ends it", async () => {
    expect(await operator("DELETE", `/${bunker.id}?grace=0s`)).toMatchObject({ status: 204 });
    for (const after of KILLED_AFTER_MS) {
      const cutOff = operator("POST", "/restore", { backup }).catch(() => undefined);
      await sleep(after);
      const { port, stateDir } = instance;
      await instance.kill();
      await cutOff;
      instance = await startInstance({ port, stateDir });
      const found = await bunker.api<{ locked: boolean }>("GET", "");
      const state = [found.status, found.status === 200 ? (await bunker.api<{ ok: boolean }>("GET", "/activity/verify")).body.ok : "gone"];
      expect([
        [404, "gone"],
        [200, true],
      ]).toContainEqual(state);
    }
    const done = await operator("POST", "/restore", { backup });
    // Where the last kill came late it was there already.
    expect([201, 409]).toContain(done.status);
    expect((await operator("GET", "")).body.items?.map(({ id }) => id)).toEqual([bunker.id]);
    expect(await bunker.activity("bunker.restore")).toHaveLength(1);
  });

  it("comes back by the command, and its app goes on where it was", async () => {
    expect(await operator("DELETE", `/${bunker.id}?grace=0s`)).toMatchObject({ status: 204 });
    const { code, said } = await restore();
    expect([code, said]).toEqual([0, expect.stringContaining(`Daily News is restored, from a backup of ${backup.madeAt}.`)]);
    const again = await bunker.app(app.remoteSigner, app.secretKey);
    expect((await again.request("sign_event", [template({ content: "locked" })])).error).toMatch(/locked/);
    expect((await bunker.api("POST", "/unlock", {})).status).toBe(200);
    expect((await again.request("sign_event", [template({ content: "suspended" })])).error).toMatch(/suspended/);
    await bunker.setState(again, "active");
    const signed = await again.request("sign_event", [template({ content: "again" })]);
    expect(JSON.parse(signed.result ?? "{}")).toMatchObject({ pubkey: bunker.userPubkey, content: "again" });
  });
});

describe("the drill", () => {
  it("proves that the file can be brought back, and leaves nothing behind", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("countersign-drill-"));
    const { code, said } = await run("restore-drill", file, "--identity", identityFile);
    expect([code, said]).toEqual([0, expect.stringContaining("This backup can be restored.")]);
    expect(said.match(/^✓/gm)).toHaveLength(6);
    expect(said).toContain(`entry ${backup.activity.seq}, ${backup.activity.head}`);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("countersign-drill-"))).toEqual(before);
  });
});

describe("afterwards", () => {
  it("neither key nor seed lies in the files or was printed", async () => {
    await instance.stop();
    const needles = [...keyNeedles("the user's key", userSecretKey), ...keyNeedles("the seed", Buffer.from(backup.seed, "hex"))];
    expect(findInFiles(instance.stateDir, needles)).toEqual([]);
    expect(findIn(Buffer.from(instance.log() + printed), needles)).toEqual([]);
  });
});
