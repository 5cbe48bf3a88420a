// The root secret of a running instance is exchanged, with a kill in the middle: everybody keeps what they had, nothing rests under the old
// one in the end, and at no point does a wrong one open anything.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyEvent } from "nostr-tools/pure";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimCode } from "../../src/people/claim-code.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { parseRootSecret } from "../../src/sealing/root-secret.ts";
import { HostedBunker, newSecretKey, openSocket, template } from "../conformance/support.ts";
import { api, startInstance, type Instance } from "../support/instance.ts";
import { startVaultServer, type VaultServer } from "../support/key-services/vault-server.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { findIn, findInFiles, keyNeedles, readRows } from "../support/state-files.ts";

interface Rotation {
  readonly root: { readonly from: string; readonly to: string; readonly state: string } | null;
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly stragglers: readonly { readonly kind: string; readonly id: string; readonly problem: string | null }[];
}

/** More than two batches. */
const BUNKERS = 24;
/** What the sweep asks Vault for one bunker: open, look at the key, new data key, open once more. */
const ASKED_PER_BUNKER = 4;
const WITHIN_MS = 60_000;

const [oldRoot, newRoot] = [randomBytes(32), randomBytes(32)];
const idOf = (root: Uint8Array): string => {
  const parsed = parseRootSecret(Buffer.from(root).toString("base64"));
  if (!parsed.ok) throw new Error("expected a root secret");
  return parsed.root.id;
};

let vault: VaultServer;
let instance: Instance;
const userKeys: Uint8Array[] = [];
const bunkers: HostedBunker[] = [];
let app: { remoteSigner: string; secretKey: Uint8Array };
let token: string;
let cookie: string;

function run(root: Uint8Array, next?: Uint8Array): Promise<Instance> {
  const roots = { ROOT_SECRET: root, ...(next && { ROOT_SECRET_NEXT: next }) };
  const spelled = Object.fromEntries(Object.entries(roots).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]));
  // A new root secret must not take a key to whatever new bunkers are sealed with meanwhile.
  const weaker = next && { SEALING: "root" };
  return startInstance({
    ...(instance && { stateDir: instance.stateDir, port: instance.port }),
    env: { ...vault.settings, SETUP_TOKEN: "a-setup-token-for-the-rotation", ROOT_SECRET_NEXT: "", ...spelled, ...weaker },
  });
}

const rotation = async () => (await api(instance).request<{ rotation: Rotation | null }>("GET", "/instance")).body.rotation;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${WITHIN_MS} ms: ${what}; ${JSON.stringify(await rotation())}`);
    await sleep(100);
  }
}

function signed(answer: { result?: string }): boolean {
  return answer.result !== undefined && verifyEvent(JSON.parse(answer.result) as Parameters<typeof verifyEvent>[0]);
}

/** The app that connected before, on a new socket: it has the same key and the same connection. */
async function appSigns(): Promise<boolean> {
  const [first] = bunkers;
  const client = new Nip46Client(await openSocket(first?.relayUrl ?? ""), app.remoteSigner, app.secretKey);
  await client.subscribe();
  return signed(await client.request("sign_event", [template()]));
}

async function ownerIsSignedIn(): Promise<boolean> {
  const page = await fetch(`${instance.url}/account`, { headers: { cookie }, redirect: "manual" });
  return page.status === 200 && (await page.text()).includes("ana@example.org");
}

beforeAll(async () => {
  vault = await startVaultServer();
  instance = await run(oldRoot);
  for (let count = 0; count < BUNKERS; count += 1) {
    const userSecretKey = newSecretKey();
    userKeys.push(userSecretKey);
    const secretKey = Buffer.from(userSecretKey).toString("hex");
    const made = await api(instance).request<{ id: string }>("POST", "/bunkers", { name: `bunker ${count}`, secretKey });
    expect(made).toMatchObject({ status: 201 });
    bunkers.push(new HostedBunker(() => instance, made.body.id, publicKeyOf(userSecretKey)));
  }
  const [first, second] = bunkers;
  app = (await first?.connectedApp()) as typeof app;
  expect((await second?.api("POST", "/lock"))?.status).toBe(200);
  const script = { name: "script", scopes: ["bunkers:read"], bunker: "all" };
  token = (await api(instance).request<{ token: string }>("POST", "/tokens", script)).body.token;
  expect((await first?.api("POST", "/members", { email: "ben@example.org", role: "viewer" }))?.status).toBe(201);
  cookie = await claim();
  expect(await ownerIsSignedIn()).toBe(true);
});
afterAll(async () => {
  await instance.discard();
  await vault.stop();
});

async function claim(): Promise<string> {
  const form = await fetch(`${instance.url}/claim`);
  const [guest = ""] = form.headers.getSetCookie().map((text) => text.split(";")[0] ?? "");
  const formToken = /name="form-token" value="([^"]+)"/.exec(await form.text())?.[1] ?? "";
  const done = await fetch(`${instance.url}/claim`, {
    method: "POST",
    headers: { origin: instance.url, cookie: guest, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ "form-token": formToken, code: claimCode(instance.setupToken), email: "ana@example.org" }).toString(),
    redirect: "manual",
  });
  expect(done.status).toBe(303);
  return done.headers
    .getSetCookie()
    .map((text) => text.split(";")[0])
    .join("; ");
}

describe("a new root secret beside the old one", () => {
  it("begins the sweep by itself, and a kill in the middle loses nothing", async () => {
    await instance.stop();
    const asked = vault.asked.length;
    vault.behaveAfter(ASKED_PER_BUNKER * 12, "slow");
    instance = await run(oldRoot, newRoot);
    await until("in the middle", async () => vault.asked.length >= asked + ASKED_PER_BUNKER * 12);
    const middle = await rotation();
    expect(middle).toMatchObject({
      root: { from: idOf(oldRoot), to: idOf(newRoot), state: "running" },
      state: "running",
      total: BUNKERS + 2,
    });
    expect(middle?.stragglers.length).toBe((middle?.total ?? 0) - (middle?.done ?? 0));
    expect(middle?.stragglers.length).toBeGreaterThan(0);
    await instance.kill();
    vault.behave("well");
  });

  it("must stay until everything is sealed anew: without it nothing is served", async () => {
    instance = await run(oldRoot);
    const answer = await fetch(`${instance.url}/healthz`);
    expect(answer.status).toBe(503);
    const { error } = (await answer.json()) as { error: { secret: string; message: string } };
    expect(error.secret).toBe("ROOT_SECRET_NEXT");
    expect(error.message).toMatch(/^ROOT_SECRET_NEXT is missing or malformed: a rotation to it has begun/);
    expect((await api(instance).request("GET", "/bunkers")).status).toBe(503);
    await instance.stop();
  });

  it("goes on where it was, while apps sign, until nobody is left", async () => {
    instance = await run(oldRoot, newRoot);
    expect(await appSigns(), "meanwhile").toBe(true);
    await until("done", async () => (await rotation())?.root?.state === "done");
    expect(await rotation()).toMatchObject({ state: "done", done: BUNKERS + 2, total: BUNKERS + 2, stragglers: [] });
    expect(await appSigns()).toBe(true);
    expect(await ownerIsSignedIn()).toBe(true);
    await instance.stop();
  });

  it("then has everything under itself: seeds, keys, pepper, those of locked bunkers and of accounts", () => {
    const rows = readRows(instance.stateDir);
    const expected = idOf(newRoot);
    const sealed = rows.flatMap(({ table, values }) =>
      ["sealed_seed", "sealed_pepper"].flatMap((column) =>
        values[column] === undefined
          ? []
          : [
              `${table} ${Buffer.from(values[column] as Uint8Array)
                .toString("hex")
                .slice(0, 16)}`,
            ],
      ),
    );
    expect(sealed.toSorted()).toEqual(
      [...Array.from({ length: BUNKERS }, () => "bunker"), "account", "account", "instance"]
        .map((table) => `${table} ${expected}`)
        .toSorted(),
    );
    const records = rows.filter(({ table }) => table === "bunker").map(({ values }) => String(values["sealed_user_key"]));
    const names = records.map((text) => JSON.parse(text) as { rootId: string; provider: string });
    expect(names.map(({ rootId, provider }) => `${provider} ${rootId}`)).toEqual(
      Array.from({ length: BUNKERS }, () => `vault ${expected}`),
    );
  });

  it("takes the old one's place, and everybody has what they had", async () => {
    instance = await run(newRoot);
    expect((await fetch(`${instance.url}/healthz`)).status).toBe(200);
    expect(await rotation()).toBeNull();
    expect(await appSigns()).toBe(true);
    expect(await ownerIsSignedIn()).toBe(true);
    const listed = await api(instance, token).request<{ items: { id: string }[] }>("GET", "/bunkers");
    expect(listed.body.items).toHaveLength(BUNKERS);
    const states = await Promise.all(bunkers.map(async (bunker) => (await bunker.api<{ locked: boolean }>("GET", "")).body.locked));
    expect(states.map((locked, index) => (locked ? index : -1)).filter((index) => index >= 0)).toEqual([1]);
    for (const bunker of [bunkers[2], bunkers[BUNKERS - 1]]) {
      const client = await bunker?.connectedApp();
      expect(client && signed(await client.request("sign_event", [template()]))).toBe(true);
      expect((await bunker?.activity("bunker.reseal"))?.length).toBeGreaterThan(0);
      expect((await bunker?.api("GET", "/activity/verify"))?.body).toMatchObject({ ok: true });
    }
    await instance.stop();
  });

  it("leaves no user's key, data key or root secret in any file or line", () => {
    const needles = [
      ...userKeys.flatMap((key) => keyNeedles("a user's key", key)),
      ...vault.dataKeys.flatMap((key) => keyNeedles("a data key", key)),
      ...[oldRoot, newRoot].flatMap((root) => keyNeedles("a root secret", root)),
    ];
    expect(findInFiles(instance.stateDir, needles)).toEqual([]);
    expect(findIn(Buffer.from(instance.log()), needles)).toEqual([]);
  });
});
