// Section D: what each method does for a connected app, and that it does nothing for anybody else.

import fc from "fast-check";
import { verifyEvent as verifyWithNostrTools } from "nostr-tools/pure";
import { describe, expect, it } from "vitest";
import { conversationKeys, decryptContent, encryptContent } from "../../src/protocol/envelope.ts";
import { eventId } from "../../src/protocol/event.ts";
import { publicKeyOf, type Pubkey } from "../../src/protocol/keys.ts";
import type { Nip46Client, Response } from "../support/nip46-client.ts";
import { startRealRelay } from "../support/real-relay.ts";
import {
  DENIED,
  expectError,
  expectSilence,
  heardBeforePong,
  INVALID,
  LOCKED,
  newSecretKey,
  nostrConnectApp,
  NOT_CONNECTED,
  openSocket,
  randomPubkey,
  secondsNow,
  signedEvent,
  template,
  useInstance,
  type HostedBunker,
} from "./support.ts";

const instance = useInstance({ env: { ALLOW_INSECURE_RELAYS: "true" } });

async function connected(change: Readonly<Record<string, unknown>> = {}): Promise<{ bunker: HostedBunker; app: Nip46Client }> {
  const bunker = await instance.bunker();
  return { bunker, app: await bunker.connectedApp(change) };
}

/** Somebody whom the user writes with. */
function correspondent() {
  const secretKey = newSecretKey();
  return { pubkey: publicKeyOf(secretKey), sharedWith: (other: Pubkey) => conversationKeys(secretKey, other) };
}

/** Every method with params that would do for a connected app. */
function everyRequest(pubkey: string): readonly (readonly [method: string, params: readonly string[]])[] {
  return [
    ["ping", []],
    ["get_public_key", []],
    ["sign_event", [template()]],
    ["nip44_encrypt", [pubkey, "hello"]],
    ["nip44_decrypt", [pubkey, "hello"]],
    ["nip04_encrypt", [pubkey, "hello"]],
    ["nip04_decrypt", [pubkey, "hello?iv=hello"]],
    ["switch_relays", []],
    ["logout", []],
    ["foo", []],
  ];
}

/** The decryptions that fail must not be told apart. */
function expectOneError(answers: readonly Response[]): void {
  for (const answer of answers) expectError(answer, INVALID);
  expect(new Set(answers.map(({ error }) => error)).size).toBe(1);
}

describe("methods", () => {
  it("D55 · get_public_key answers the user's key and never the signer's, under the strictest policy too", async () => {
    const { bunker, app } = await connected({ policy: "read-only" });
    const { result } = await app.request("get_public_key");
    expect(result).toBe(bunker.userPubkey);
    expect(result).toMatch(/^[0-9a-f]{64}$/);
    expect(result).not.toBe(app.remoteSigner);
  });

  it("D56 · whatever an unknown client asks for is refused as not connected", async () => {
    const { bunker, app } = await connected();
    await app.request("sign_event", [template()]);
    const stranger = await bunker.app(app.remoteSigner);
    for (const [method, params] of everyRequest(stranger.pubkey)) {
      expectError(await stranger.request(method, params), /^not connected$/, method);
    }
    // An app that is connected elsewhere in the same bunker is a stranger here.
    const neighbour = await bunker.app(app.remoteSigner, (await bunker.connectedApp()).secretKey);
    expectError(await neighbour.request("sign_event", [template()]), /^not connected$/);
    expect(await bunker.activity("sign_event")).toHaveLength(1);
  });

  it("D57 · sign_event returns seven members that verify, with content, tags and created_at as they came", async () => {
    const { bunker, app } = await connected();
    const given = {
      kind: 1,
      content: " two\nlines ",
      tags: [["t", ""], ["p", randomPubkey(), "wss://a", ""], []],
      created_at: 1_700_000_000,
    };
    const event = signedEvent(await app.request("sign_event", [JSON.stringify(given)]));
    expect(Object.keys(event).toSorted()).toEqual(["content", "created_at", "id", "kind", "pubkey", "sig", "tags"]);
    expect(event).toMatchObject({ ...given, pubkey: bunker.userPubkey });
    expect(verifyWithNostrTools({ ...event })).toBe(true);
  });

  it("D58 · an event with the user's key, its right id and an empty signature is signed", async () => {
    const { bunker, app } = await connected();
    const given = { kind: 1, content: "hello", tags: [], created_at: secondsNow() };
    const id = eventId(bunker.userPubkey, given);
    const event = signedEvent(await app.request("sign_event", [JSON.stringify({ ...given, pubkey: bunker.userPubkey, id, sig: "" })]));
    expect(event.id).toBe(id);
    expect(verifyWithNostrTools({ ...event })).toBe(true);
  });

  it("D59 · an event in another's name is refused; an empty or all-zero pubkey says nothing", async () => {
    const { bunker, app } = await connected();
    for (const pubkey of [randomPubkey(), app.remoteSigner, app.pubkey, bunker.userPubkey.toUpperCase(), "x", null, 0]) {
      expectError(await app.request("sign_event", [template({ pubkey })]), /^invalid event: pubkey/, String(pubkey));
    }
    for (const pubkey of ["", "0".repeat(64)]) {
      expect(signedEvent(await app.request("sign_event", [template({ pubkey })])).pubkey).toBe(bunker.userPubkey);
    }
  });

  it("D60 · an id that the client made up is never signed", async () => {
    const { app } = await connected();
    const madeUp = "ab".repeat(32);
    const event = signedEvent(await app.request("sign_event", [template({ id: madeUp, sig: "0".repeat(128) })]));
    expect(event.id).not.toBe(madeUp);
    expect(verifyWithNostrTools({ ...event })).toBe(true);
  });

  it("D61 · a missing created_at is refused, not invented", async () => {
    const { app } = await connected();
    expectError(await app.request("sign_event", [template({ created_at: undefined })]), /^invalid event: created_at is missing$/);
    for (const created_at of [null, "now", 1.5, -1, 2 ** 53]) {
      expectError(await app.request("sign_event", [template({ created_at })]), /^invalid event: created_at/, String(created_at));
    }
  });

  it("D62 · missing tags, content or kind are refused, not invented", async () => {
    const { app } = await connected();
    for (const member of ["tags", "content", "kind"]) {
      expectError(
        await app.request("sign_event", [template({ [member]: undefined })]),
        /^invalid event: (tags|content|kind) is missing$/,
        member,
      );
      expectError(await app.request("sign_event", [template({ [member]: null })]), /^invalid event: /, member);
    }
    expectError(await app.request("sign_event", [template({ content: 7 })]), /^invalid event: content/);
  });

  it("D63 · a kind outside 0 to 65535 is refused", async () => {
    const { app } = await connected();
    for (const kind of [-1, 65_536, 1.5, "1", [1], true, 2 ** 32 + 1]) {
      expectError(await app.request("sign_event", [template({ kind })]), /^invalid event: kind/, JSON.stringify(kind));
    }
    expect(signedEvent(await app.request("sign_event", [template({ kind: 65_535 })])).kind).toBe(65_535);
  });

  it("D64 · tags that are not arrays of strings are refused", async () => {
    const { app } = await connected();
    for (const tags of [[["e", null]], [[1]], ["e"], [[{}]], [{}], {}, "e", [["e", ["nested"]]], [null]]) {
      expectError(await app.request("sign_event", [template({ tags })]), /^invalid event: tags/, JSON.stringify(tags));
    }
  });

  it("D65 · a seal that is dated two days back is signed as it is", async () => {
    const { app } = await connected();
    const created_at = secondsNow() - 2 * 86_400;
    expect(signedEvent(await app.request("sign_event", [template({ kind: 13, created_at })]))).toMatchObject({ kind: 13, created_at });
  });

  it("D66 · any text that UTF-8 can spell gets an id that nostr-tools computes too; a lone surrogate is refused", async () => {
    const { app } = await connected();
    const signs = async (content: string) => {
      const event = signedEvent(await app.request("sign_event", [template({ content, tags: [["t", content]] })]));
      expect(event).toMatchObject({ content, tags: [["t", content]] });
      expect(verifyWithNostrTools({ ...event })).toBe(true);
    };
    await signs('\u2028\u2029 \u0000\u0001\u001f\u007f\u0085 \b\t\n\v\f\r "\\/ \ufeff \ufffe 👩‍👩‍👧 \u{10ffff} e\u0301');
    await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), signs), { numRuns: 25 });
    for (const content of ["\ud800", "a\udc00b", "\udc00\ud800"]) {
      expectError(await app.request("sign_event", [template({ content })]), /^invalid event: content/);
      expectError(await app.request("sign_event", [template({ tags: [["t", content]] })]), /^invalid event: tags/);
    }
  });

  it("D67 · a param that is no event is refused; one that no message can hold never arrives", async () => {
    const { app } = await connected();
    for (const param of ["", "hello", "[]", `[${template()}]`, "null", "7", '"{}"', "{", "x".repeat(60_000), "[".repeat(60_000)]) {
      expectError(await app.request("sign_event", [param]), INVALID, param.slice(0, 20));
    }
    await expectSilence(app, { ...app.wrap("ping", []).event, content: "A".repeat(200_000) });
  });

  it("D68 · a kind that is not granted gets exactly one final answer, an error", async () => {
    const { bunker, app } = await connected({ policy: "read-only" });
    const { id, event } = app.wrap("sign_event", [template()]);
    const heard = await heardBeforePong(app, () => app.publish(event));
    expect(heard).toHaveLength(1);
    expectError(await app.response(id), DENIED);
    expect(await bunker.activity("sign_event")).toMatchObject([{ effect: "deny" }]);
  });

  it("D69 · no wildcard covers the kinds that move an identity, only a rule that names them", async () => {
    const bunker = await instance.bunker();
    const publish = async (name: string, rules: unknown) =>
      expect((await bunker.api("PUT", `/policies/${name}`, { name, default: "deny", rules })).status).toBe(200);
    await publish("by-range", [{ id: "all", effect: "allow", kinds: ["0-65535"] }]);
    await publish("by-method", [{ id: "all", effect: "allow", methods: ["sign_event", "nip44_encrypt"] }]);
    await publish("by-silence", [{ id: "all", effect: "allow" }]);
    await publish("by-number", [{ id: "follows", effect: "allow", kinds: [3] }]);
    for (const policy of ["by-range", "by-method", "by-silence"]) {
      const app = await bunker.connectedApp({ policy });
      for (const kind of [0, 3, 5, 62, 10_002, 10_050, 22_242, 24_133, 24_242, 27_235]) {
        expectError(await app.request("sign_event", [template({ kind })]), DENIED, `${policy}: kind ${kind}`);
      }
      expect(signedEvent(await app.request("sign_event", [template()])).kind).toBe(1);
      expectError(await app.request("nip44_decrypt", [app.pubkey, "x"]), DENIED, policy);
      expectError(await app.request("nip44_encrypt", [bunker.userPubkey, "to myself"]), DENIED, policy);
    }
    const app = await bunker.connectedApp({ policy: "by-number" });
    expect(signedEvent(await app.request("sign_event", [template({ kind: 3 })])).kind).toBe(3);
  });

  it("D70 · nip44_encrypt and nip44_decrypt round-trip under the user's key, not the signer's", async () => {
    const { bunker, app } = await connected();
    const friend = correspondent();
    const { result: ciphertext = "" } = await app.request("nip44_encrypt", [friend.pubkey, "hi"]);
    expect(decryptContent(ciphertext, friend.sharedWith(bunker.userPubkey))).toBe("hi");
    expect(decryptContent(ciphertext, friend.sharedWith(app.remoteSigner))).toBeUndefined();
    expect(await app.request("nip44_decrypt", [friend.pubkey, ciphertext])).toMatchObject({ result: "hi" });
    const letter = encryptContent("dear user", "nip44", friend.sharedWith(bunker.userPubkey));
    expect(await app.request("nip44_decrypt", [friend.pubkey, letter])).toMatchObject({ result: "dear user" });
  });

  it("D71 · nip44_encrypt of nothing is refused", async () => {
    const { app } = await connected();
    expectError(await app.request("nip44_encrypt", [randomPubkey(), ""]), INVALID);
  });

  it("D72 · a plaintext is encrypted up to 57,344 bytes; beyond it the error says too large, at 65,535 to 65,537 too", async () => {
    const { bunker, app } = await connected();
    const friend = correspondent();
    const longest = "a".repeat(57_344);
    const { result: ciphertext = "" } = await app.request("nip44_encrypt", [friend.pubkey, longest]);
    expect(await app.request("nip44_decrypt", [friend.pubkey, ciphertext])).toMatchObject({ result: longest });
    for (const bytes of [57_345, 65_535, 65_536, 65_537]) {
      const answer = await app.request("nip44_encrypt", [friend.pubkey, "a".repeat(bytes)]);
      expectError(answer, /^invalid params: plaintext is too large/, String(bytes));
    }
    // Two bytes each: it is bytes that count.
    expectError(await app.request("nip44_encrypt", [friend.pubkey, "é".repeat(28_673)]), /too large/);
    // JSON spells each of these with six characters: the letter came in, and its text does not fit into an answer.
    const swelling = encryptContent("\u0001".repeat(40_000), "nip44", friend.sharedWith(bunker.userPubkey));
    expectError(await app.request("nip44_decrypt", [friend.pubkey, swelling]), /too large/);
  });

  it("D73 · nip44_decrypt says the same one sentence whatever is wrong", async () => {
    const { bunker, app } = await connected();
    const friend = correspondent();
    const good = Buffer.from(encryptContent("hi", "nip44", friend.sharedWith(bunker.userPubkey)), "base64");
    const badMac = Buffer.from(good);
    badMac.writeUInt8(badMac.readUInt8(badMac.length - 1) ^ 1, badMac.length - 1);
    const version1 = Buffer.from(good);
    version1.writeUInt8(1, 0);
    const nip04 = encryptContent("hi", "nip04", friend.sharedWith(bunker.userPubkey));
    const payloads = [
      badMac.toString("base64"),
      version1.toString("base64"),
      "#abc",
      "",
      "!!!!",
      "hello",
      nip04,
      good.toString("base64").slice(0, -8),
    ];
    const answers: Response[] = [];
    for (const payload of payloads) answers.push(await app.request("nip44_decrypt", [friend.pubkey, payload]));
    answers.push(await app.request("nip44_decrypt", [randomPubkey(), good.toString("base64")]));
    expectOneError(answers);
  });

  it("D74 · a counterparty that is no public key in hex is refused", async () => {
    const { app } = await connected();
    const npub = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6";
    const good = randomPubkey();
    const counterparties = [
      npub,
      good.toUpperCase(),
      good.slice(1),
      `${good}0`,
      `02${good}`,
      "5".padStart(64, "0"),
      "0".repeat(64),
      "f".repeat(64),
      "",
    ];
    for (const method of ["nip44_encrypt", "nip44_decrypt", "nip04_encrypt", "nip04_decrypt"]) {
      for (const counterparty of counterparties) {
        expectError(await app.request(method, [counterparty, "hello"]), /^invalid params: /, `${method} ${counterparty}`);
      }
    }
  });

  it("D75 · one param is too few, a third one is ignored", async () => {
    const { app } = await connected();
    const friend = randomPubkey();
    for (const method of ["nip44_encrypt", "nip44_decrypt", "nip04_encrypt", "nip04_decrypt"]) {
      expectError(await app.request(method, [friend]), /^invalid params: /, method);
    }
    const { result: ciphertext = "" } = await app.request("nip44_encrypt", [friend, "hi", "more"]);
    expect(await app.request("nip44_decrypt", [friend, ciphertext, "more"])).toMatchObject({ result: "hi" });
  });

  it("D76 · a NIP-04 message of nothing is answered with an error, because clients wait for ever on an empty result", async () => {
    const { bunker, app } = await connected();
    const friend = correspondent();
    const ciphertext = encryptContent("", "nip04", friend.sharedWith(bunker.userPubkey));
    expectError(await app.request("nip04_decrypt", [friend.pubkey, ciphertext]), INVALID);
  });

  it("D77 · nip04_decrypt says the same one sentence whatever is wrong", async () => {
    const { bunker, app } = await connected();
    const friend = correspondent();
    const shared = friend.sharedWith(bunker.userPubkey);
    const good = encryptContent("hi", "nip04", shared);
    expect(await app.request("nip04_decrypt", [friend.pubkey, good])).toMatchObject({ result: "hi" });
    const [body = "", iv = ""] = good.split("?iv=");
    const badPadding = Buffer.from(body, "base64");
    badPadding.writeUInt8(badPadding.readUInt8(15) ^ 0x80, 15);
    const payloads = [
      body,
      `${good}?iv=${iv}`,
      `${body}?iv=${iv.slice(4)}`,
      `${body}?iv=`,
      `?iv=${iv}`,
      `${badPadding.toString("base64")}?iv=${iv}`,
      `${Buffer.from(body, "base64").subarray(0, 15).toString("base64")}?iv=${iv}`,
      "",
      encryptContent("hi", "nip44", shared),
      encryptContent("", "nip04", shared),
    ];
    const answers: Response[] = [];
    for (const payload of payloads) answers.push(await app.request("nip04_decrypt", [friend.pubkey, payload]));
    expectOneError(answers);
  });

  it("D78 · switch_relays of a client that is where it should be answers the string null", async () => {
    const { app } = await connected();
    const answer = await app.request("switch_relays");
    expect(answer).toStrictEqual({ id: answer.id, result: "null" });
  });

  it("D79 · switch_relays moves a client from a foreign relay to ours, and it is heard on both afterwards", async () => {
    const bunker = await instance.bunker();
    const relay = await startRealRelay();
    try {
      const app = await nostrConnectApp(bunker, [relay.url]);
      const answer = await app.request("switch_relays");
      expect(answer).toStrictEqual({ id: answer.id, result: JSON.stringify([bunker.relayUrl]) });
      const moved = await bunker.app(app.remoteSigner, app.secretKey);
      expect(await moved.request("ping")).toMatchObject({ result: "pong" });
      expect(await app.request("ping")).toMatchObject({ result: "pong" });
    } finally {
      await relay.close();
    }
  });

  it("D80 · switch_relays of an unknown client is refused", async () => {
    const { bunker, app } = await connected();
    expectError(await (await bunker.app(app.remoteSigner)).request("switch_relays"), NOT_CONNECTED);
  });

  it("D81 · logout is acknowledged, then the session is gone, and the activity has it", async () => {
    const { bunker, app } = await connected();
    const answer = await app.request("logout");
    expect(answer).toStrictEqual({ id: answer.id, result: "ack" });
    for (const [method, params] of everyRequest(app.pubkey)) expectError(await app.request(method, params), NOT_CONNECTED, method);
    expect((await bunker.connectionOf(app)).state).toBe("revoked");
    expect((await bunker.activity("logout"))[0]).toMatchObject({ effect: "allow", connection: (await bunker.connectionOf(app)).id });
  });

  it("D82 · a logout that comes again after a new connect is a duplicate and ends nothing", async () => {
    const { bunker, app } = await connected();
    const { id, event } = app.wrap("logout", []);
    await app.publish(event);
    expect(await app.response(id)).toMatchObject({ result: "ack" });
    const renewed = await bunker.connectedApp({}, app.secretKey);
    const heard = await heardBeforePong(renewed, async () =>
      expect(await renewed.publish(event)).toEqual({ accepted: true, message: expect.stringMatching(/^duplicate: /) as string }),
    );
    expect(heard).toEqual([]);
    expect(await bunker.activity("logout")).toHaveLength(1);
    expect((await bunker.connectionOf(renewed)).state).toBe("active");
  });

  it("D83 · logout of an unknown client is refused and ends nobody's session", async () => {
    const { bunker, app } = await connected();
    expectError(await (await bunker.app(app.remoteSigner)).request("logout"), NOT_CONNECTED);
    expect(await app.request("ping")).toMatchObject({ result: "pong" });
  });

  it("D84 · a client that is revoked while it waits for a member gets its final error, and a later yes revives nothing", async () => {
    const bunker = await instance.bunker();
    const { remoteSigner, inviteSecret } = await bunker.invite({ confirm: true, uses: 2 });
    const app = await bunker.app(remoteSigner);
    const { id, event } = app.wrap("connect", [remoteSigner, inviteSecret]);
    await app.publish(event);
    expect((await bunker.setState(app, "revoked")).status).toBe(200);
    expectError(await app.response(id), NOT_CONNECTED);
    expect((await bunker.setState(app, "active")).status).toBe(409);
    expectError(await app.connect(inviteSecret), NOT_CONNECTED);
    expectError(await app.request("sign_event", [template()]), NOT_CONNECTED);
    expect(app.responses().filter((response) => response.id === id)).toHaveLength(1);
  });

  it("D85 · a locked bunker answers every method with an error, a deleted one takes no socket", async () => {
    const { bunker, app } = await connected();
    await app.request("sign_event", [template()]);
    expect((await bunker.api("POST", "/lock")).status).toBe(200);
    for (const [method, params] of everyRequest(app.pubkey)) expectError(await app.request(method, params), LOCKED, method);
    expectError(await app.request("connect", [app.remoteSigner]), LOCKED);
    expect((await bunker.api("POST", "/unlock")).status).toBe(200);
    expect(signedEvent(await app.request("sign_event", [template()])).pubkey).toBe(bunker.userPubkey);

    const closed = new Promise((resolve) => (app.socket as WebSocket).addEventListener("close", resolve));
    expect((await bunker.api("DELETE", "")).status).toBeLessThan(300);
    await closed;
    await expect(openSocket(bunker.relayUrl)).rejects.toThrow("expected the relay to take a socket");
  });
});
