// The running product with its keys sealed by AWS KMS, Google Cloud KMS and Vault, each played by a server of ours that checks what it is
// asked: made, signed, away, back, told to move, and searched for afterwards.

import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { base64 } from "@scure/base";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { wrapEvent } from "nostr-tools/nip59";
import { verifyEvent } from "nostr-tools/pure";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBackupFile } from "../../src/backup/open-file.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { HostedBunker, newSecretKey, template } from "../conformance/support.ts";
import { api, startInstance, type Instance } from "../support/instance.ts";
import { startAwsServer, type AwsServer } from "../support/key-services/aws-server.ts";
import { startGcpServer, type GcpServer } from "../support/key-services/gcp-server.ts";
import { startVaultServer, type VaultServer } from "../support/key-services/vault-server.ts";
import type { Nip46Client } from "../support/nip46-client.ts";
import { filesBelow, findIn, findInFiles, keyNeedles, readRows, textNeedle } from "../support/state-files.ts";

interface BunkerState {
  readonly locked: boolean;
  readonly sealing: {
    readonly provider: string;
    readonly keyId: string;
    readonly keyVersion: string;
    readonly keyService: { readonly state: string; readonly lastError: { readonly message: string } | null };
  };
}

interface InstanceStatus {
  readonly sealing: { readonly provider: string; readonly problem: string | null };
  readonly keyServices: readonly { readonly provider: string; readonly state: string; readonly lastError: { readonly message: string } }[];
}

const TEMPORARILY = /^temporarily unavailable: /;
/** Longer than the pause that follows an outage; asserted nowhere. */
const BACK_WITHIN_MS = 30_000;

const rootSecret = randomBytes(32);
const userKeys: Uint8Array[] = [];
const bunkers: HostedBunker[] = [];
let aws: AwsServer;
let gcp: GcpServer;
let vault: VaultServer;
let settings: Record<string, string>;
let instance: Instance;

beforeAll(async () => {
  [aws, gcp, vault] = await Promise.all([startAwsServer(), startGcpServer(), startVaultServer()]);
  settings = { ...gcp.settings, ...vault.settings, ...aws.settings, ROOT_SECRET: rootSecret.toString("base64") };
  instance = await startInstance({ env: settings });
});
afterAll(async () => {
  await instance.discard();
  await Promise.all([aws.stop(), gcp.stop(), vault.stop()]);
});

/** The same state under other settings. */
async function restart(change: Readonly<Record<string, string>>, meanwhile: () => void = () => undefined): Promise<void> {
  await instance.stop();
  meanwhile();
  settings = { ...settings, ...change };
  instance = await startInstance({ stateDir: instance.stateDir, port: instance.port, env: settings });
}

async function newBunker(more: { readonly exportable?: boolean } = {}): Promise<HostedBunker> {
  const userSecretKey = newSecretKey();
  userKeys.push(userSecretKey);
  const body = { name: "sealed elsewhere", secretKey: Buffer.from(userSecretKey).toString("hex"), ...more };
  const made = await api(instance).request<{ id: string; userPubkey: string }>("POST", "/bunkers", body);
  expect(made).toMatchObject({ status: 201 });
  const bunker = new HostedBunker(() => instance, made.body.id, made.body.userPubkey as never);
  bunkers.push(bunker);
  return bunker;
}

const stateOf = async (bunker: HostedBunker) => (await bunker.api<BunkerState>("GET", "")).body;
const status = async () => (await api(instance).request<InstanceStatus>("GET", "/instance")).body;

async function health(): Promise<InstanceStatus & { httpStatus: number }> {
  const answer = await fetch(`${instance.url}/healthz`);
  return { ...((await answer.json()) as InstanceStatus), httpStatus: answer.status };
}

/** Drops the opened key: the next signature asks the key service again. */
async function closeKey(bunker: HostedBunker): Promise<void> {
  await bunker.api("POST", "/lock");
  await bunker.api("POST", "/unlock");
  expect((await stateOf(bunker)).locked).toBe(false);
}

const ask = (app: Nip46Client) => app.request("sign_event", [template({ content: "sealed" })]);

async function signs(app: Nip46Client): Promise<boolean> {
  const { result } = await ask(app);
  return result !== undefined && verifyEvent(JSON.parse(result) as Parameters<typeof verifyEvent>[0]);
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + BACK_WITHIN_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${BACK_WITHIN_MS} ms: ${what}`);
    await sleep(200);
  }
}

describe("a bunker that AWS KMS seals", () => {
  let bunker: HostedBunker;
  let app: Nip46Client;
  beforeAll(async () => {
    bunker = await newBunker();
    app = await bunker.connectedApp();
  });

  it("says so, and was opened once before it was kept", async () => {
    expect((await stateOf(bunker)).sealing).toMatchObject({
      provider: "aws-kms",
      keyId: aws.keyArn,
      keyService: { state: "working", lastError: null },
    });
    expect(aws.asked.map(({ operation }) => operation)).toEqual(["GenerateDataKey", "Decrypt"]);
    expect(await status()).toMatchObject({ sealing: { provider: "aws-kms", problem: null }, keyServices: [] });
  });

  it("asks KMS once for many requests at the same time, and not again while the key is open", async () => {
    aws.asked.length = 0;
    const answers = await Promise.all([signs(app), signs(app), signs(app), signs(app), signs(app)]);
    expect(answers).toEqual([true, true, true, true, true]);
    expect(await signs(app)).toBe(true);
    expect(aws.asked.map(({ operation }) => operation)).toEqual(["Decrypt"]);
    const [asked] = aws.asked;
    expect(JSON.parse(asked?.body ?? "")).toMatchObject({ KeyId: aws.keyArn, EncryptionContext: { "countersign-bunker": bunker.id } });
  });

  it("asks again once the key was dropped by a lock", async () => {
    await closeKey(bunker);
    aws.asked.length = 0;
    expect(await signs(app)).toBe(true);
    expect(aws.asked).toHaveLength(1);
  });

  it.each([
    ["down", "AWS KMS cannot be reached"],
    ["failing", "AWS KMS failed (status 500)"],
    ["denying", "AWS KMS: allow kms:Decrypt to the owner of AWS_ACCESS_KEY_ID"],
  ] as const)("answers what it can while KMS is %s, says what is wrong, and signs again by itself", async (how, words) => {
    await closeKey(bunker);
    aws.behave(how);
    const [signed, pinged] = await Promise.all([ask(app), app.request("ping")]);
    expect(signed.error).toMatch(TEMPORARILY);
    expect(pinged).toMatchObject({ result: "pong" });
    const event = JSON.parse(template()) as unknown;
    const [connection] = (await bunker.api<{ items: { id: string }[] }>("GET", "/connections")).body.items;
    const overHttp = await api(instance).request("POST", `/bunkers/${bunker.id}/sign`, { event, connection: connection?.id });
    expect(overHttp).toMatchObject({
      status: 503,
      body: { error: { code: "unavailable", message: expect.stringMatching(TEMPORARILY) as string } },
    });

    const failing = { state: "failing", lastError: { message: expect.stringContaining(words) as string } };
    expect((await stateOf(bunker)).sealing.keyService).toMatchObject(failing);
    await until("told to the instance", async () => (await status()).keyServices[0]?.lastError.message.includes(words) ?? false);
    expect((await status()).keyServices).toMatchObject([{ provider: "aws-kms", ...failing }]);
    expect(instance.log()).toContain(`"event":"key service failed","provider":"aws-kms","bunkerId":"${bunker.id}"`);

    aws.behave("well");
    await until("signs again", () => signs(app));
    expect((await stateOf(bunker)).sealing.keyService.state).toBe("working");
    const { items } = (await bunker.api<{ items: { explanation: string; facts: object }[] }>("GET", "/activity?limit=500")).body;
    expect(items.some(({ explanation }) => explanation.includes("It could not be done now: the key service does not answer"))).toBe(true);
  });

  it("keeps nobody waiting while KMS is silent", async () => {
    await closeKey(bunker);
    aws.behave("slow");
    const { id, event } = app.wrap("sign_event", [template()]);
    app.send(event);
    expect(await app.request("ping"), "meanwhile").toMatchObject({ result: "pong" });
    expect((await app.response(id, BACK_WITHIN_MS)).error).toMatch(TEMPORARILY);
    const failing = {
      state: "failing",
      lastError: { message: expect.stringContaining("AWS KMS did not answer within 5 seconds") as string },
    };
    expect((await stateOf(bunker)).sealing.keyService).toMatchObject(failing);
    // The Worker remembers for some seconds what the instance said.
    await until("told to everybody", async () => (await health()).keyServices.some(({ state }) => state === "failing"));
    expect(await health()).toMatchObject({ httpStatus: 200, keyServices: [{ provider: "aws-kms", ...failing }] });
    aws.behave("well");
    await until("signs again", () => signs(app));
    await until("told to everybody", async () => (await health()).keyServices.every(({ state }) => state === "working"));
  });

  it("opens with no key of another context", async () => {
    await closeKey(bunker);
    aws.behave("mixed-up");
    expect((await ask(app)).error).toMatch(TEMPORARILY);
    const refused = await api(instance).request<{ error: { message: string } }>("POST", "/bunkers", { name: "x" });
    expect([refused.status, refused.body.error.message], "no key is taken in that was not opened once").toMatchObject([
      503,
      expect.stringContaining("does not open"),
    ]);
    aws.behave("well");
    await until("signs again", () => signs(app));
  });

  it("is not made while KMS refuses, and the API says what to put right", async () => {
    aws.behave("denying");
    const refused = await api(instance).request<{ error: { message: string } }>("POST", "/bunkers", { name: "x" });
    aws.behave("well");
    expect(refused.status).toBe(503);
    expect(refused.body.error.message).toContain("allow kms:GenerateDataKey");
    const { items } = (await api(instance).request<{ items: { id: string }[] }>("GET", "/bunkers")).body;
    expect(items.map(({ id }) => id)).toEqual([bunker.id]);
  });
});

let onAws: HostedBunker;
let swapped: [HostedBunker, HostedBunker];

describe("with another provider configured", () => {
  beforeAll(async () => {
    onAws = await newBunker();
    swapped = [await newBunker(), await newBunker()];
    await restart({ SEALING: "vault", OPENED_KEY_SECONDS: "0" });
  });

  it("what was sealed before goes on opening where its record says, and new bunkers are sealed there", async () => {
    vault.asked.length = 0;
    expect(await signs(await onAws.connectedApp())).toBe(true);
    expect(vault.asked).toEqual([]);
    const onVault = await newBunker();
    expect((await stateOf(onVault)).sealing).toMatchObject({ provider: "vault", keyId: "transit/bunkers" });
    expect((await stateOf(onAws)).sealing.provider).toBe("aws-kms");
    expect(await signs(await onVault.connectedApp())).toBe(true);
  });

  it("a key that is opened for one use is asked for at every use, and whoever waits is served too", async () => {
    const app = await onAws.connectedApp();
    aws.asked.length = 0;
    expect(await Promise.all([signs(app), signs(app), signs(app)])).toEqual([true, true, true]);
    expect(await signs(app)).toBe(true);
    expect(aws.asked).toHaveLength(4);
  });

  it("looking inside a gift wrap and opening it is one use", async () => {
    const friend = newSecretKey();
    const rule = { id: "dms", effect: "allow", methods: ["nip44_decrypt"], opens: "gift-wrap", counterparties: [publicKeyOf(friend)] };
    const policy = { name: "dms", default: "deny", rules: [rule] };
    expect((await onAws.api("PUT", "/policies/dms", policy)).status).toBeLessThan(300);
    const app = await onAws.connectedApp({ policy: "dms" });
    const wrap = wrapEvent({ kind: 14, content: "hello", tags: [] }, friend, onAws.userPubkey);
    aws.asked.length = 0;
    const { result } = await app.request("nip44_decrypt", [wrap.pubkey, wrap.content]);
    expect(JSON.parse(result ?? "{}")).toMatchObject({ kind: 13, pubkey: publicKeyOf(friend) });
    expect(aws.asked.map(({ operation }) => operation)).toEqual(["Decrypt"]);
  });

  it("a backup comes back under the service that is configured now, and not at all while that refuses", async () => {
    const identity = await generateX25519Identity();
    const gone = await newBunker({ exportable: true });
    const app = await gone.connectedApp();
    const taken = await gone.api<{ file: string }>("POST", "/backup", { recipient: await identityToRecipient(identity) });
    const opened = await openBackupFile(base64.decode(taken.body.file), identity);
    if (!opened.ok) throw new Error(opened.problem);
    expect((await gone.api("DELETE", "?grace=0s")).status).toBe(204);
    const restore = () => api(instance).request<{ id: string }>("POST", "/bunkers/restore", { backup: opened.backup });
    vault.behave("denying");
    expect((await restore()).status).toBe(503);
    expect((await gone.api("GET", "")).status).toBe(404);
    vault.behave("well");
    expect(await restore()).toMatchObject({ status: 201, body: { id: gone.id } });
    expect(await stateOf(gone)).toMatchObject({ locked: true, sealing: { provider: "vault" } });
    expect((await gone.api("POST", "/unlock", {})).status).toBe(200);
    const again = await gone.app(app.remoteSigner, app.secretKey);
    await gone.setState(again, "active");
    expect(await signs(again)).toBe(true);
  });

  it("a record that is put into another bunker does not open there", async () => {
    await restart({ SEALING: "gcp-kms", OPENED_KEY_SECONDS: "" }, () => swapRecords(swapped[0], swapped[1]));
    for (const bunker of swapped) {
      expect((await ask(await bunker.connectedApp())).error).toMatch(TEMPORARILY);
      expect((await stateOf(bunker)).sealing.keyService).toMatchObject({
        state: "failing",
        lastError: { message: expect.stringContaining("it does not open this data key") as string },
      });
    }
    expect(await signs(await onAws.connectedApp()), "the others sign").toBe(true);
    const onGoogle = await newBunker();
    expect((await stateOf(onGoogle)).sealing).toMatchObject({ provider: "gcp-kms", keyId: gcp.keyName, keyVersion: "1" });
    expect(await signs(await onGoogle.connectedApp())).toBe(true);
  });
});

describe("an order to seal everything anew", () => {
  interface Rotation {
    readonly state: string;
    readonly done: number;
    readonly total: number;
    readonly stragglers: readonly { readonly id: string; readonly problem: string | null }[];
  }
  const rotation = async () => (await api(instance).request<{ rotation: Rotation | null }>("GET", "/instance")).body.rotation;
  const order = (body: object) => api(instance).request("POST", "/instance/rotate", body);
  const settled = () => until("settled", async () => (await rotation())?.stragglers.every(({ problem }) => problem !== null) ?? false);

  it("replaces no record by one that did not open: a provider that gives back other keys changes nothing", async () => {
    gcp.behave("mixed-up");
    expect((await order({})).status).toBe(202);
    await settled();
    gcp.behave("well");
    expect((await rotation())?.done).toBe(0);
    expect((await stateOf(onAws)).sealing.provider).toBe("aws-kms");
    await closeKey(onAws);
    expect(await signs(await onAws.connectedApp())).toBe(true);
  });

  it("moves every key to the provider that is configured, while apps sign, and names those that do not open", async () => {
    const app = await onAws.connectedApp();
    expect(await signs(app)).toBe(true);
    expect(await order({})).toMatchObject({ status: 202, body: { rotation: { dataKeys: { order: "new" }, total: bunkers.length } } });
    const signing = Promise.all(Array.from({ length: 20 }, () => signs(app)));
    await settled();
    expect(new Set(await signing)).toEqual(new Set([true]));
    const left = await rotation();
    expect(left).toMatchObject({ state: "running", done: bunkers.length - 2 });
    expect(left?.stragglers.map(({ id }) => id).toSorted()).toEqual(swapped.map(({ id }) => id).toSorted());
    for (const { problem } of left?.stragglers ?? []) expect(problem).toContain("it does not open this data key");
    for (const bunker of bunkers.filter((one) => !swapped.includes(one))) {
      expect((await stateOf(bunker)).sealing).toMatchObject({ provider: "gcp-kms", keyVersion: "1" });
      expect(await bunker.activity("bunker.reseal")).toMatchObject([{ effect: "allow", facts: { provider: "gcp-kms" } }]);
      await closeKey(bunker);
      expect(await signs(await bunker.connectedApp())).toBe(true);
    }
  });

  it("has the data keys wrapped by the key's newest version, and keeps them, where that was ordered", async () => {
    expect((await stateOf(onAws)).sealing.keyVersion).toBe("1");
    gcp.rotate();
    expect((await order({ dataKeys: "keep" })).status).toBe(202);
    await until("the newest version", async () => (await stateOf(onAws)).sealing.keyVersion === "2");
    await settled();
    await closeKey(onAws);
    expect(await signs(await onAws.connectedApp())).toBe(true);
  });

  it("is taken from the operator, not from a script, and in known words alone", async () => {
    expect((await order({ dataKeys: "none" })).status).toBe(422);
    const made = await api(instance).request<{ token: string }>("POST", "/tokens", {
      name: "script",
      scopes: ["lock", "bunkers:write"],
      bunker: "all",
    });
    expect((await api(instance, made.body.token).request("POST", "/instance/rotate", {})).status).toBe(403);
  });
});

describe("after all that", () => {
  it("no user's key, no data key and no credential of a key service lies in the files or the log", async () => {
    await instance.stop();
    const { private_key: privateKey } = JSON.parse(gcp.settings["GCP_SERVICE_ACCOUNT"] ?? "{}") as { private_key: string };
    const dataKeys = [aws, gcp, vault].flatMap((server) => server.dataKeys);
    expect(dataKeys.length).toBeGreaterThan(4);
    const needles = [
      ...userKeys.flatMap((key) => keyNeedles("a user's key", key)),
      ...dataKeys.flatMap((key) => keyNeedles("a data key", key)),
      ...keyNeedles("the root secret", rootSecret),
      textNeedle("the AWS secret", aws.settings["AWS_SECRET_ACCESS_KEY"] ?? ""),
      textNeedle("the Vault token", vault.settings["VAULT_TOKEN"] ?? ""),
      textNeedle("the Google key", privateKey.split("\n")[2] ?? ""),
    ];
    expect(findInFiles(instance.stateDir, needles)).toEqual([]);
    expect(findIn(Buffer.from(instance.log()), needles)).toEqual([]);
    const records = readRows(instance.stateDir)
      .filter(({ table }) => table === "bunker")
      .map(({ values }) => String(values["sealed_user_key"]));
    const names = records.map((text) => (JSON.parse(text) as { provider: string }).provider);
    expect(names.toSorted(), "two were swapped and stay as they are").toEqual([
      "aws-kms",
      "aws-kms",
      ...bunkers.slice(2).map(() => "gcp-kms"),
    ]);
  });
});

/** As somebody would who can write the database: exchanges the sealed keys, and the public keys that they speak for stay. */
function swapRecords(one: HostedBunker, two: HostedBunker): void {
  const [first, second] = [databaseOf(one), databaseOf(two)];
  const [a, b] = [recordIn(first), recordIn(second)];
  for (const [database, record] of [
    [first, b],
    [second, a],
  ] as const) {
    database.prepare("UPDATE bunker SET sealed_user_key = ?").run(record);
    database.close();
  }
}

function databaseOf(bunker: HostedBunker): DatabaseSync {
  const path = filesBelow(instance.stateDir).find((name) => name.endsWith(`${bunker.id}.sqlite`));
  if (path === undefined) throw new Error("expected the database of the bunker");
  return new DatabaseSync(path);
}

function recordIn(database: DatabaseSync): string {
  return String(database.prepare("SELECT sealed_user_key FROM bunker").get()?.["sealed_user_key"]);
}
