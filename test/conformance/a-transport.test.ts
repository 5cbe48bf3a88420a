// Section A: which events are taken for requests at all, and what an answer looks like on the wire.

import { schnorr } from "@noble/curves/secp256k1.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { verifyEvent as verifyWithNostrTools } from "nostr-tools/pure";
import { describe, expect, it } from "vitest";
import { conversationKeys, decryptContent, encryptContent } from "../../src/protocol/envelope.ts";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import {
  expectSilence,
  forgedPing,
  heardBeforePong,
  newSecretKey,
  openSocket,
  randomPubkey,
  secondsNow,
  template,
  useInstance,
} from "./support.ts";

const instance = useInstance();

async function connectedApp(change: Readonly<Record<string, unknown>> = {}): Promise<Nip46Client> {
  return (await instance.bunker()).connectedApp(change);
}

describe("transport and validity of events", () => {
  it("A1 · a valid ping is answered with one signed kind 24133 to its author alone, under its id, without an error member", async () => {
    const app = await connectedApp();
    const { id, event } = app.wrap("ping", []);
    await app.publish(event);
    await app.response(id);
    const answers = app.events().filter((one) => app.read(["EVENT", "", one])?.id === id);
    expect(answers).toHaveLength(1);
    const answer = answers[0] as NostrEvent;
    expect(verifyWithNostrTools({ ...answer })).toBe(true);
    expect(answer).toMatchObject({ kind: 24_133, pubkey: app.remoteSigner, tags: [["p", app.pubkey]] });
    const plaintext = decryptContent(answer.content, conversationKeys(app.secretKey, app.remoteSigner)) ?? "";
    expect(JSON.parse(plaintext)).toStrictEqual({ id, result: "pong" });
  });

  it("A2 · a wrong signature is met with silence and does not spend the id of the real event", async () => {
    const app = await connectedApp();
    const { id, event } = app.wrap("ping", []);
    const lastDigit = event.sig.endsWith("0") ? "1" : "0";
    const byAnother = bytesToHex(schnorr.sign(hexToBytes(event.id), newSecretKey()));
    for (const sig of [event.sig.slice(0, -1) + lastDigit, "0".repeat(128), byAnother]) {
      await expectSilence(app, { ...event, sig }, sig);
    }
    app.send(event);
    expect(await app.response(id)).toEqual({ id, result: "pong" });
  });

  it("A3 · an id that is not the event's hash is met with silence, even when the signature fits that id", async () => {
    const app = await connectedApp();
    const { event } = app.wrap("ping", []);
    const otherId = bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
    await expectSilence(app, { ...event, id: otherId });
    await expectSilence(app, { ...event, id: otherId, sig: bytesToHex(schnorr.sign(hexToBytes(otherId), app.secretKey)) });
    // An old signature over new content: what a relay could try.
    await expectSilence(app, { ...event, content: app.wrap("get_public_key", []).event.content });
  });

  it("A4 · upper-case hex in pubkey, id, signature or p tag is met with silence", async () => {
    const app = await connectedApp();
    const { event } = app.wrap("ping", []);
    await expectSilence(app, forgedPing(app, { pubkey: app.pubkey.toUpperCase() }), "pubkey");
    await expectSilence(app, { ...event, id: event.id.toUpperCase() }, "id");
    await expectSilence(app, { ...event, sig: event.sig.toUpperCase() }, "sig");
    await expectSilence(app, forgedPing(app, { tags: [["p", app.remoteSigner.toUpperCase()]] }), "p tag");
  });

  it("A5 · another kind is met with silence, whatever it holds", async () => {
    const app = await connectedApp();
    for (const kind of [24_134, 24_132, 1, 4, 65_535]) await expectSilence(app, forgedPing(app, { kind }), `kind ${kind}`);
  });

  it("A6 · a p tag that names somebody else is met with silence", async () => {
    const app = await connectedApp();
    await expectSilence(app, forgedPing(app, { tags: [["p", randomPubkey()]] }));
    await expectSilence(app, forgedPing(app, { tags: [["p", app.pubkey]] }));
  });

  it("A7 · no p tag is met with silence; among several, ours is found wherever it stands", async () => {
    const app = await connectedApp();
    await expectSilence(app, forgedPing(app, { tags: [] }), "none");
    await expectSilence(app, forgedPing(app, { tags: [["p"]] }), "without a value");
    await expectSilence(app, forgedPing(app, { tags: [["e", app.remoteSigner]] }), "another tag");
    app.send(
      forgedPing(
        app,
        {
          tags: [
            ["p", randomPubkey()],
            ["p", app.remoteSigner],
          ],
        },
        "second of two",
      ),
    );
    expect(await app.response("second of two")).toMatchObject({ result: "pong" });
  });

  it("A8 · an author that is no point of the curve is met with silence, and the socket lives on", async () => {
    const app = await connectedApp();
    // BIP-340: lift_x fails for zero, for x of no point (here 5) and for x beyond the field.
    for (const pubkey of ["0".repeat(64), "5".padStart(64, "0"), "f".repeat(64)]) {
      await expectSilence(app, forgedPing(app, { pubkey }), pubkey);
      await expectSilence(app, { ...forgedPing(app, { pubkey }), sig: "0".repeat(128) }, pubkey);
    }
  });

  it("A9 · one event over three sockets at once is worked on once, and all of them get the same response event", async () => {
    const bunker = await instance.bunker();
    const first = await bunker.connectedApp();
    const apps = [first, await bunker.app(first.remoteSigner, first.secretKey), await bunker.app(first.remoteSigner, first.secretKey)];
    const { id, event } = first.wrap("sign_event", [template()]);
    await Promise.all(apps.map((app) => app.publish(event)));
    for (const app of apps) {
      await app.response(id);
      await app.request("ping");
    }
    const copies = apps.map((app) => app.events().filter((one) => app.read(["EVENT", "", one])?.id === id));
    expect(copies.map((heard) => heard.length)).toEqual([1, 1, 1]);
    expect(new Set(copies.flat().map((one) => one.id)).size).toBe(1);
    expect(await bunker.activity("sign_event")).toHaveLength(1);
  });

  it("A10 · the same event again, four minutes old and after a kill, is dropped as a duplicate", async () => {
    const bunker = await instance.bunker();
    const app = await bunker.connectedApp();
    const { id, event } = app.wrap("sign_event", [template()], { at: secondsNow() - 240 });
    await app.publish(event);
    await app.response(id);
    const answered = app.events().filter((one) => app.read(["EVENT", "", one])?.id === id);
    await instance.killAndRestart();
    const later = await bunker.app(app.remoteSigner, app.secretKey);
    expect(await later.publish(event)).toEqual({ accepted: true, message: expect.stringMatching(/^duplicate: /) as string });
    await later.request("ping");
    // The kill may have come before the first answer left, so that same event may be handed out again; another one never.
    const again = later.events().filter((one) => later.read(["EVENT", "", one])?.id === id);
    expect(new Set([...answered, ...again].map((one) => one.id)).size).toBe(1);
    expect(await bunker.activity("sign_event")).toHaveLength(1);
  });

  it("A11 · an event of ten minutes ago is dropped", async () => {
    const app = await connectedApp();
    await expectSilence(app, forgedPing(app, { created_at: secondsNow() - 600 }));
    await expectSilence(app, forgedPing(app, { created_at: secondsNow() - 310 }));
    expect(await app.publish(app.wrap("ping", [], { at: secondsNow() - 600 }).event)).toMatchObject({ accepted: false });
  });

  it("A12 · an event of ten minutes ahead is dropped", async () => {
    const app = await connectedApp();
    await expectSilence(app, forgedPing(app, { created_at: secondsNow() + 600 }));
    await expectSilence(app, forgedPing(app, { created_at: secondsNow() + 90 }));
    expect(await app.publish(app.wrap("ping", [], { at: secondsNow() + 600 }).event)).toMatchObject({ accepted: false });
  });

  it("A13 · a clock that is almost a minute off, either way, is forgiven", async () => {
    const app = await connectedApp();
    expect(await app.request("ping", [], { at: secondsNow() - 59 })).toMatchObject({ result: "pong" });
    expect(await app.request("ping", [], { at: secondsNow() + 59 })).toMatchObject({ result: "pong" });
  });

  it("A14 · a created_at that is no integer of seconds is met with silence", async () => {
    const app = await connectedApp();
    const now = secondsNow();
    for (const created_at of [now + 0.5, String(now), -1, -now, 2 ** 53, null, true, [now]]) {
      await expectSilence(app, forgedPing(app, { created_at }), JSON.stringify(created_at));
    }
  });

  it("A15 · an expired event is met with silence, one that expires later is answered", async () => {
    const app = await connectedApp();
    const expiring = (at: number) => ({
      tags: [
        ["p", app.remoteSigner],
        ["expiration", String(at)],
      ],
    });
    await expectSilence(app, forgedPing(app, expiring(secondsNow() - 1)));
    app.send(forgedPing(app, expiring(secondsNow() + 60), "not yet"));
    expect(await app.response("not yet")).toMatchObject({ result: "pong" });
  });

  it("A16 · a megabyte of content is refused unread and the connection survives", async () => {
    const app = await connectedApp();
    await expectSilence(app, forgedPing(app, { content: "A".repeat(1_048_576) }));
    expect(await app.log.first((frame) => frame[0] === "NOTICE")).toEqual(["NOTICE", expect.stringMatching(/^invalid: /)]);
    // As large as a message may be, and no payload of NIP-44 all the same.
    await expectSilence(app, forgedPing(app, { content: "A".repeat(130_000) }));
  });

  it("A17 · content that no key opens is met with silence", async () => {
    const app = await connectedApp();
    const good = Buffer.from(app.encrypt(JSON.stringify({ id: "x", method: "ping", params: [] })), "base64");
    const changed = (change: (bytes: Buffer) => void): string => {
      const bytes = Buffer.from(good);
      change(bytes);
      return bytes.toString("base64");
    };
    const contents = {
      empty: "",
      "encrypted by a future version": "#abc",
      "plain text": "hello",
      "version 1": changed((bytes) => bytes.writeUInt8(1, 0)),
      "another mac": changed((bytes) => bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)),
      "another nonce": changed((bytes) => bytes.writeUInt8(bytes.readUInt8(1) ^ 1, 1)),
      "cut short": good.subarray(0, 98).toString("base64"),
      "no base64": `${good.toString("base64").slice(0, -4)}!!!!`,
      "the request in the open": JSON.stringify({ id: "x", method: "ping", params: [] }),
    };
    for (const [what, content] of Object.entries(contents)) await expectSilence(app, forgedPing(app, { content }), what);
  });

  it("A18 · a NIP-04 request is met with silence, and answered in NIP-04 where the invite says so", async () => {
    const strict = await connectedApp();
    await expectSilence(strict, strict.wrap("ping", [], { encryption: "nip04" }).event);

    const bunker = await instance.bunker();
    const { remoteSigner, inviteSecret } = await bunker.invite({ nip04: true });
    const legacy = await bunker.app(remoteSigner);
    const { id: connectId, event: connect } = legacy.wrap("connect", [remoteSigner, inviteSecret], { encryption: "nip04" });
    legacy.send(connect);
    expect(await legacy.response(connectId)).toMatchObject({ result: "ack" });
    expect(await legacy.request("ping", [], { encryption: "nip04" })).toMatchObject({ result: "pong" });
    expect(legacy.events().map((event) => event.content.includes("?iv="))).toEqual([true, true]);
    expect(await legacy.request("ping")).toMatchObject({ result: "pong" });
    expect(legacy.events().at(-1)?.content).not.toContain("?iv=");
  });

  it("A19 · equal answers to NIP-44 requests are NIP-44 under a fresh nonce each", async () => {
    const app = await connectedApp();
    const before = app.events().length;
    for (let count = 0; count < 3; count += 1) await app.request("ping", [], { id: "same" });
    await app.request("ping");
    const contents = app
      .events()
      .slice(before, before + 3)
      .map((event) => event.content);
    const nonces = contents.map((content) => Buffer.from(content, "base64").subarray(1, 33).toString("hex"));
    expect(contents.map((content) => Buffer.from(content, "base64").readUInt8(0))).toEqual([2, 2, 2]);
    expect(new Set(nonces).size).toBe(3);
  });

  it("A20 · a request that is encrypted to the user's key instead of the signer's is met with silence", async () => {
    const bunker = await instance.bunker();
    const app = await bunker.connectedApp();
    const toUser = conversationKeys(app.secretKey, bunker.userPubkey);
    const content = encryptContent(JSON.stringify({ id: "x", method: "ping", params: [] }), "nip44", toUser);
    await expectSilence(app, forgedPing(app, { content }));
  });

  it("A21 · a response from the client and our own response coming back are ignored, so that no loop begins", async () => {
    const app = await connectedApp();
    await app.request("ping");
    const ours = app.events().at(-1) as NostrEvent;
    await expectSilence(app, ours, "our own event");
    for (const message of [
      { id: "x", result: "pong" },
      { id: "x", result: "error", error: "no" },
      { id: "x", result: "auth_url", error: "https://a" },
    ]) {
      await expectSilence(app, forgedPing(app, { content: app.encrypt(JSON.stringify(message)) }), JSON.stringify(message));
    }
    // On a socket that listens for the signer too, an echo would be heard.
    const both = new Nip46Client(await openSocket(app.socket instanceof WebSocket ? app.socket.url : ""), app.remoteSigner, app.secretKey);
    await both.subscribe("both", { "#p": [app.pubkey, app.remoteSigner] });
    expect(await heardBeforePong(both, () => both.send(ours))).toEqual([]);
  });
});
