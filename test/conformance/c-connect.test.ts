// Section C: who becomes a connection, once and for what; and what a client may say of itself without it meaning anything.

import { beforeAll, describe, expect, it } from "vitest";
import type { Nip46Client } from "../support/nip46-client.ts";
import {
  DENIED,
  expectError,
  newSecretKey,
  NOT_CONNECTED,
  randomPubkey,
  template,
  useInstance,
  type HostedBunker,
  type Invitation,
} from "./support.ts";

const instance = useInstance();

/** A fresh invite and an app that has not used it yet. */
async function newcomer(bunker: HostedBunker, change: Readonly<Record<string, unknown>> = {}, secretKey?: Uint8Array) {
  const invitation = await bunker.invite(change);
  return { ...invitation, app: await bunker.app(invitation.remoteSigner, secretKey) };
}

async function connectWith(params: (bunker: HostedBunker, invitation: { remoteSigner: string; inviteSecret: string }) => string[]) {
  const bunker = await instance.bunker();
  const { app, ...invitation } = await newcomer(bunker);
  const answer = await app.request("connect", params(bunker, invitation));
  return { bunker, app, answer };
}

async function expectStranger(app: Nip46Client): Promise<void> {
  expectError(await app.request("ping"), NOT_CONNECTED);
}

describe("connect", () => {
  // A minute is the shortest life of an invite: this one grows old while the other cases run.
  let expiring: { readonly bunker: HostedBunker; readonly invitation: Invitation };
  beforeAll(async () => {
    const bunker = await instance.bunker();
    expiring = { bunker, invitation: await bunker.invite({ expiresIn: "1m" }) };
  });

  it("C35 · the right secret makes a session and is spent with it", async () => {
    const bunker = await instance.bunker();
    const { app, remoteSigner, inviteSecret } = await newcomer(bunker);
    const answer = await app.connect(inviteSecret);
    expect(answer).toStrictEqual({ id: answer.id, result: "ack" });
    expect(await app.request("ping")).toMatchObject({ result: "pong" });
    expect(await bunker.connectionOf(app)).toMatchObject({ state: "active", policy: "full-access" });
    const second = await bunker.app(remoteSigner);
    expectError(await second.connect(inviteSecret), NOT_CONNECTED);
    await expectStranger(second);
    expect(await bunker.connections()).toHaveLength(1);
  });

  it("C36 · an empty first param is accepted", async () => {
    const { answer } = await connectWith((_bunker, { inviteSecret }) => ["", inviteSecret]);
    expect(answer).toMatchObject({ result: "ack" });
  });

  it("C37 · the user's key as first param is accepted", async () => {
    const { answer } = await connectWith((bunker, { inviteSecret }) => [bunker.userPubkey, inviteSecret]);
    expect(answer).toMatchObject({ result: "ack" });
  });

  it("C38 · any other key as first param is ignored: the p tag and the secret have decided", async () => {
    const { bunker, app, answer } = await connectWith((_bunker, { inviteSecret }) => [randomPubkey(), inviteSecret]);
    expect(answer).toMatchObject({ result: "ack" });
    expect(await bunker.connectionOf(app)).toMatchObject({ remoteSignerPubkey: app.remoteSigner });
  });

  it("C39 · a wrong secret is refused and does not spend the right one, and guessing is slowed down", async () => {
    const bunker = await instance.bunker();
    const { app, remoteSigner, inviteSecret } = await newcomer(bunker);
    const lastDigit = inviteSecret.endsWith("0") ? "1" : "0";
    for (const wrong of [
      inviteSecret.slice(0, -1) + lastDigit,
      inviteSecret.slice(0, -1),
      `${inviteSecret}0`,
      inviteSecret.toUpperCase(),
      "x",
    ]) {
      expectError(await app.connect(wrong), NOT_CONNECTED, `${wrong.length} characters`);
    }
    await expectStranger(app);
    expect(await app.connect(inviteSecret)).toMatchObject({ result: "ack" });

    const guesser = await bunker.app(remoteSigner);
    const guesses = Array.from({ length: 100 }, (_, count) => guesser.wrap("connect", [remoteSigner, `guess ${count}`]).event);
    const acks = await Promise.all(guesses.map((guess) => guesser.publish(guess)));
    expect(acks.at(-1)).toEqual({ accepted: false, message: expect.stringMatching(/^rate-limited: /) as string });
  });

  it("C40 · a spent secret makes no session for another client, and the error is that of a wrong one", async () => {
    const bunker = await instance.bunker();
    const { app, remoteSigner, inviteSecret } = await newcomer(bunker);
    await app.connect(inviteSecret);
    const other = await bunker.app(remoteSigner);
    const spent = await other.connect(inviteSecret);
    const wrong = await other.connect("x");
    expectError(spent, NOT_CONNECTED);
    expect(spent.error).toBe(wrong.error);
    await expectStranger(other);
    expect(await bunker.connections()).toHaveLength(1);
  });

  it("C41 · the client that spent a secret may send it again at every page load, and nothing changes", async () => {
    const bunker = await instance.bunker();
    const { app, remoteSigner, inviteSecret } = await newcomer(bunker);
    await app.request("connect", [remoteSigner, inviteSecret, "sign_event:1"]);
    const before = await bunker.connectionOf(app);
    const reloaded = await bunker.app(remoteSigner, app.secretKey);
    expect(await reloaded.connect(inviteSecret)).toMatchObject({ result: "ack" });
    expect(await bunker.connections()).toEqual([before]);
  });

  it("C42 · a connected client may connect again without a secret", async () => {
    const app = await (await instance.bunker()).connectedApp();
    for (const params of [[app.remoteSigner], [app.remoteSigner, ""], []]) {
      expect(await app.request("connect", params), JSON.stringify(params)).toMatchObject({ result: "ack" });
    }
  });

  it("C43 · an unknown client without a secret is never accepted", async () => {
    const bunker = await instance.bunker();
    const { app, remoteSigner, inviteSecret } = await newcomer(bunker);
    for (const params of [[remoteSigner], [remoteSigner, ""], [], ["", ""], [remoteSigner, "", "", "{}"]]) {
      expectError(await app.request("connect", params), NOT_CONNECTED, JSON.stringify(params));
    }
    await expectStranger(app);
    expect(await bunker.connections()).toEqual([]);
    expect(await app.connect(inviteSecret)).toMatchObject({ result: "ack" });
  });

  it("C44 · two clients that race with one secret over two sockets become exactly one session", async () => {
    const bunker = await instance.bunker();
    for (let round = 1; round <= 8; round += 1) {
      const { app, remoteSigner, inviteSecret } = await newcomer(bunker);
      const rivals = [app, await bunker.app(remoteSigner)];
      const attempts = rivals.map((rival) => ({ rival, ...rival.wrap("connect", [remoteSigner, inviteSecret]) }));
      for (const { rival, event } of attempts) rival.send(event);
      const results = await Promise.all(attempts.map(async ({ rival, id }) => (await rival.response(id)).result));
      expect(results).toHaveLength(2);
      expect(new Set(results)).toEqual(new Set(["ack", "error"]));
      expect(await bunker.connections()).toHaveLength(round);
    }
  });

  it("C46 · a revoked client does not come back with its old secret, though that still has uses", async () => {
    const bunker = await instance.bunker();
    const { app, remoteSigner, inviteSecret } = await newcomer(bunker, { uses: 3 });
    await app.connect(inviteSecret);
    expect((await bunker.setState(app, "revoked")).status).toBe(200);
    expectError(await app.connect(inviteSecret), NOT_CONNECTED);
    await expectStranger(app);
    expect((await bunker.connectionOf(app)).state).toBe("revoked");
    const other = await bunker.app(remoteSigner);
    expect(await other.connect(inviteSecret)).toMatchObject({ result: "ack" });
  });

  it("C47 · a revoked client with a new invite gets a new session with what that grants", async () => {
    const bunker = await instance.bunker();
    const old = await bunker.connectedApp();
    await bunker.setState(old, "revoked");
    const { app, inviteSecret } = await newcomer(bunker, { policy: "read-only" }, old.secretKey);
    expect(await app.request("connect", [app.remoteSigner, inviteSecret, "nip44_encrypt"])).toMatchObject({ result: "ack" });
    expect(await bunker.connectionOf(app)).toMatchObject({ state: "active", policy: "read-only", requestedPermissions: ["nip44_encrypt"] });
    expectError(await app.request("sign_event", [template()]), DENIED);
    await expectStranger(old);
  });

  it("C48 · requested permissions are recorded as requested and grant nothing", async () => {
    const bunker = await instance.bunker();
    const { app, inviteSecret } = await newcomer(bunker, { policy: "read-only" });
    expect(await app.request("connect", [app.remoteSigner, inviteSecret, "sign_event:1,nip44_encrypt"])).toMatchObject({ result: "ack" });
    expect((await bunker.connectionOf(app)).requestedPermissions).toEqual(["sign_event:1", "nip44_encrypt"]);
    expectError(await app.request("sign_event", [template()]), DENIED);
    expectError(await app.request("nip44_encrypt", [app.pubkey, "hello"]), DENIED);
  });

  it("C49 · junk among the requested permissions is dropped, never read as something wider", async () => {
    const bunker = await instance.bunker();
    const { app, inviteSecret } = await newcomer(bunker);
    const junk = "sign_event:abc, ,SIGN_EVENT:1,sign_event:70000,sign_event:1:2,sign_event:,:1,sign_event:-1,sign_event:1.5,,nip04_decrypt";
    expect(await app.request("connect", [app.remoteSigner, inviteSecret, junk])).toMatchObject({ result: "ack" });
    expect((await bunker.connectionOf(app)).requestedPermissions).toEqual(["nip04_decrypt"]);
  });

  it("C50 · a client that connects again and asks for more is not widened", async () => {
    const bunker = await instance.bunker();
    const { app, inviteSecret } = await newcomer(bunker, { policy: "read-only" });
    await app.request("connect", [app.remoteSigner, inviteSecret, "sign_event:1"]);
    const before = await bunker.connectionOf(app);
    expect(await app.request("connect", [app.remoteSigner, inviteSecret, "sign_event:0,nip44_decrypt"])).toMatchObject({ result: "ack" });
    expect(await bunker.connectionOf(app)).toEqual(before);
    expectError(await app.request("sign_event", [template({ kind: 0 })]), DENIED);
  });

  it("C51 · what an app says of itself is kept for display and authorizes nothing", async () => {
    const bunker = await instance.bunker();
    const { app, inviteSecret } = await newcomer(bunker, { policy: "read-only" });
    const metadata = { name: "full-access", url: "https://app.example/", image: "https://app.example/icon.png" };
    expect(await app.request("connect", [app.remoteSigner, inviteSecret, "", JSON.stringify(metadata)])).toMatchObject({ result: "ack" });
    expect(await bunker.connectionOf(app)).toMatchObject({ metadata, policy: "read-only", requestedPermissions: [] });
    expectError(await app.request("sign_event", [template()]), DENIED);
  });

  it("C52 · unusable metadata is ignored or cut short, and the connect succeeds", async () => {
    const bunker = await instance.bunker();
    const cases: [text: string, kept: unknown][] = [
      ["{", null],
      ["[1]", null],
      ["null", null],
      ["7", null],
      ["", null],
      ['{"name":7,"url":{},"image":[]}', null],
      [JSON.stringify({ name: "n".repeat(60_000) }), null],
      [JSON.stringify({ name: "n".repeat(2_000) }), { name: "n".repeat(64) }],
      [JSON.stringify({ name: "A", url: "javascript:alert(1)", image: "data:text/html,x" }), { name: "A" }],
      // Kept as the text that it is; whoever shows it escapes it.
      [JSON.stringify({ name: "<b onclick=alert(1)>A</b>" }), { name: "<b onclick=alert(1)>A</b>" }],
      [JSON.stringify({ name: "A\u202e\nB", more: "x" }), { name: "A B" }],
    ];
    const { remoteSigner, inviteSecret } = await bunker.invite({ uses: cases.length });
    for (const [text, kept] of cases) {
      const app = await bunker.app(remoteSigner);
      expect(await app.request("connect", [remoteSigner, inviteSecret, "", text]), text.slice(0, 80)).toMatchObject({ result: "ack" });
      expect((await bunker.connectionOf(app)).metadata, text.slice(0, 80)).toEqual(kept);
    }
  });

  it("C53 · a connect that waits for a member is held, and acknowledged once under its own id when the member says yes", async () => {
    const bunker = await instance.bunker();
    const { app, remoteSigner, inviteSecret } = await newcomer(bunker, { confirm: true });
    const { id, event } = app.wrap("connect", [remoteSigner, inviteSecret]);
    expect(await app.publish(event)).toMatchObject({ accepted: true });
    expect((await bunker.connectionOf(app)).state).toBe("waiting");
    await expectStranger(app);
    expect(app.responses().filter((response) => response.id === id)).toEqual([]);
    expect((await bunker.setState(app, "active")).status).toBe(200);
    expect(await app.response(id)).toStrictEqual({ id, result: "ack" });
    expect(await app.request("ping")).toMatchObject({ result: "pong" });
    expect(app.responses().filter((response) => response.id === id)).toHaveLength(1);
    expect((await bunker.connectionOf(app)).state).toBe("active");
  });

  it("C54 · a connect that nobody wants ends in one error under its own id, and a later yes changes nothing", async () => {
    const bunker = await instance.bunker();
    const { app, remoteSigner, inviteSecret } = await newcomer(bunker, { confirm: true }, newSecretKey());
    const { id, event } = app.wrap("connect", [remoteSigner, inviteSecret]);
    await app.publish(event);
    await bunker.setState(app, "revoked");
    expectError(await app.response(id), NOT_CONNECTED);
    expect((await bunker.setState(app, "active")).status).toBe(409);
    await expectStranger(app);
    expect(app.responses().filter((response) => response.id === id)).toHaveLength(1);
    expect((await bunker.connectionOf(app)).state).toBe("revoked");
  });

  it("C45 · an expired secret is refused like a wrong one", { timeout: 120_000 }, async () => {
    const { bunker, invitation } = expiring;
    const open = async () => (await bunker.api<{ items: unknown[] }>("GET", "/invites")).body.items;
    await expect.poll(open, { timeout: 70_000, interval: 500 }).toEqual([]);
    const app = await bunker.app(invitation.remoteSigner);
    const expired = await app.connect(invitation.inviteSecret);
    expectError(expired, NOT_CONNECTED);
    expect(expired.error).toBe((await app.connect("x")).error);
    expect(await bunker.connections()).toEqual([]);
  });
});
