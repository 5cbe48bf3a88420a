// After a busy day the disk and the log are searched: no key, no secret, no token, no text of anybody's.

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "@noble/hashes/sha2.js";
import * as nip04 from "nostr-tools/nip04";
import * as nip44 from "nostr-tools/nip44";
import { nsecEncode } from "nostr-tools/nip19";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { HostedBunker, newSecretKey, openSocket, template } from "../conformance/support.ts";
import { api, startInstance, type Api, type Instance } from "../support/instance.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { findIn, findInFiles, keyNeedles, readRows, textNeedle, type Needle, type Row } from "../support/state-files.ts";

const rootSecret = randomBytes(32);
const setupToken = randomBytes(32).toString("base64url");
const mark = (what: string) => `${what} ${randomBytes(12).toString("hex")}`;

let instance: Instance;
let needles: Needle[];
let rows: readonly Row[];
let userPubkey: string;
let bunkerName: string;

beforeAll(async () => {
  instance = await startInstance({ env: { ROOT_SECRET: rootSecret.toString("base64"), SETUP_TOKEN: setupToken } });
  needles = [...keyNeedles("the root secret", rootSecret), textNeedle("the setup token", setupToken)];
  needles.push(...(await busyDay()));
  await instance.stop();
  rows = readRows(instance.stateDir);
});
afterAll(() => instance.discard());

/** Everything that an operator and apps do, with marks in whatever is nobody else's business. Returns what to look for. */
async function busyDay(): Promise<Needle[]> {
  const operator = api(instance);
  const userSecretKey = newSecretKey();
  userPubkey = publicKeyOf(userSecretKey);
  bunkerName = mark("bunker");
  const hex = Buffer.from(userSecretKey).toString("hex");
  const made = await operator.request<{ id: string }>("POST", "/bunkers", { name: bunkerName, secretKey: hex.toUpperCase() });
  expect(made.status).toBe(201);
  const bunker = new HostedBunker(() => instance, made.body.id, userPubkey as never);

  const second = newSecretKey();
  expect((await operator.request("POST", "/bunkers", { name: "by nsec", secretKey: nsecEncode(second) })).status).toBe(201);
  // Refused, with a key where none is expected: errors are where such things slip out.
  const misplaced = newSecretKey();
  expect(
    (await operator.request("POST", "/bunkers", { name: 1, secretKey: nsecEncode(misplaced), key: nsecEncode(misplaced) })).status,
  ).toBe(422);
  const tooLong = `${nsecEncode(misplaced)}x`;
  expect((await operator.request("POST", "/bunkers", { name: "x", secretKey: tooLong })).status).toBe(422);
  expect((await operator.request("GET", `/bunkers/${nsecEncode(misplaced)}?key=${nsecEncode(misplaced)}`)).status).toBe(404);

  return [
    ...keyNeedles("the user's key", userSecretKey),
    ...keyNeedles("the second user's key", second),
    ...keyNeedles("a key in the wrong place", misplaced),
    ...(await appsAtWork(bunker, userSecretKey)),
    ...(await scriptsAtWork(bunker, operator)),
  ];
}

async function appsAtWork(bunker: HostedBunker, userSecretKey: Uint8Array): Promise<Needle[]> {
  const [redeemed, withdrawn, open] = [await bunker.invite({ nip04: true }), await bunker.invite(), await bunker.invite()];
  await bunker.api("DELETE", `/invites/${withdrawn.id}`);
  const app = await bunker.app(redeemed.remoteSigner);
  expect(await app.connect(redeemed.inviteSecret)).toMatchObject({ result: "ack" });
  const guess = await bunker.app(withdrawn.remoteSigner);
  expect((await guess.connect(withdrawn.inviteSecret)).error).toMatch(/^not connected/);

  const note = mark("a note that was signed");
  const draft = mark("a note that was refused");
  const tag = mark("a tag of a note");
  expect(await app.request("sign_event", [template({ content: note, tags: [["x", tag]] })])).toHaveProperty("result");
  const strict = await bunker.connectedApp({ policy: "read-only" });
  expect((await strict.request("sign_event", [template({ content: draft })])).error).toMatch(/^denied/);
  const asked = await bunker.connectedApp({ policy: "ask-everything" });
  expect((await asked.request("sign_event", [template({ content: draft, kind: 0 })])).error).toBeDefined();
  const list = mark("a follow list");
  expect(await app.request("sign_event", [template({ kind: 3, content: list })])).toHaveProperty("result");

  const friend = newSecretKey();
  const [sent, received] = [mark("a message that was encrypted"), mark("a message that was decrypted")];
  const keyOfTwo = nip44.getConversationKey(friend, publicKeyOf(userSecretKey));
  const ciphertexts = {
    nip44: nip44.encrypt(received, keyOfTwo),
    nip04: nip04.encrypt(friend, publicKeyOf(userSecretKey), received),
  };
  for (const method of ["nip44", "nip04"] as const) {
    expect(await app.request(`${method}_encrypt`, [publicKeyOf(friend), sent])).toHaveProperty("result");
    expect(await app.request(`${method}_decrypt`, [publicKeyOf(friend), ciphertexts[method]])).toMatchObject({ result: received });
    expect((await strict.request(`${method}_decrypt`, [publicKeyOf(friend), ciphertexts[method]])).error).toBeDefined();
  }
  const junk = mark("what no method takes");
  expect((await app.request(junk.slice(-24), [junk])).error).toMatch(/^unsupported method/);
  expect((await app.request("sign_event", [junk])).error).toMatch(/^invalid/);
  // Asked over NIP-04 and while nobody listens, so that an answer waits in the outbox.
  expect(await app.request("nip04_encrypt", [publicKeyOf(friend), sent], { encryption: "nip04" })).toHaveProperty("result");
  app.socket.close();
  const away = new Nip46Client(await openSocket(bunker.relayUrl), app.remoteSigner, app.secretKey);
  expect(await away.publish(away.wrap("nip44_decrypt", [publicKeyOf(friend), ciphertexts.nip44]).event)).toMatchObject({ accepted: true });

  return [
    ...[redeemed, withdrawn, open].map(({ inviteSecret }) => textNeedle("an invite's secret", inviteSecret)),
    ...[note, draft, tag, list, sent, received, junk].map((text) => textNeedle(text.slice(0, text.lastIndexOf(" ")), text)),
    ...keyNeedles("the conversation key of two users", keyOfTwo),
    ...Object.values(ciphertexts).map((ciphertext) => textNeedle("a ciphertext that was sent in", ciphertext)),
  ];
}

async function scriptsAtWork(bunker: HostedBunker, operator: Api): Promise<Needle[]> {
  const made = await operator.request<{ token: string }>("POST", "/tokens", {
    name: "script",
    scopes: ["sign"],
    bunker: bunker.id,
    policies: ["bot-notes"],
  });
  expect(made.status).toBe(201);
  const { token } = made.body;
  const script = api(instance, token);
  const [posted, refused, idempotencyKey] = [mark("a note over HTTP"), mark("a refused note over HTTP"), mark("").trim()];
  const sign = (event: string, key: string) =>
    script.request("POST", `/bunkers/${bunker.id}/sign`, { event: JSON.parse(event) as unknown }, { "idempotency-key": key });
  const event = template({ content: posted });
  for (let twice = 0; twice < 2; twice += 1) expect((await sign(event, idempotencyKey)).status).toBe(200);
  expect((await sign(template({ content: refused, kind: 5 }), `${idempotencyKey}-2`)).status).toBe(403);
  const wrong = `${token.slice(0, -8)}${randomBytes(4).toString("hex")}`;
  expect((await api(instance, wrong).request("GET", "/bunkers")).status).toBe(401);
  expect((await script.request("GET", `/bunkers?token=${token}`)).status).toBe(403);
  return [
    textNeedle("an API token", token),
    textNeedle("an API token's secret", secretOf(token)),
    textNeedle("a token that does not exist", secretOf(wrong)),
    textNeedle("an Idempotency-Key", idempotencyKey),
    textNeedle("a note over HTTP", posted),
    textNeedle("a refused note over HTTP", refused),
  ];
}

/** A token is `cst_<id>_<secret>`, and base64url may hold more underscores. */
function secretOf(token: string): string {
  return token.split("_").slice(2).join("_");
}

describe("after a busy day", () => {
  it("the search finds what is there: names and public keys", () => {
    const there = [textNeedle("name", bunkerName), textNeedle("public key", userPubkey)];
    expect(findInFiles(instance.stateDir, there)).toEqual(
      expect.arrayContaining(["name in a file", "public key in a file", "name in bunker.name", "public key in bunker.user_pubkey"]),
    );
  });

  it("no key, no secret, no token and no text lies in the instance's files, nor in any row of theirs", () => {
    expect(needles.length).toBeGreaterThan(40);
    expect(findInFiles(instance.stateDir, needles)).toEqual([]);
  });

  it("none of it was printed", () => {
    expect(instance.log()).toContain("Countersign is ready at");
    expect(findIn(Buffer.from(instance.log()), needles)).toEqual([]);
  });

  it("the outbox holds nothing but encrypted kind 24133 events", () => {
    const letters = rows.filter(({ table }) => table === "outbox");
    expect(letters.length).toBeGreaterThan(10);
    expect(letters.some(({ values }) => Number(values["waits_until"]) > 0)).toBe(true);
    for (const { values } of letters) {
      const event = JSON.parse(String(values["event"])) as { content: string };
      expect(event).toEqual({
        id: expect.any(String) as string,
        pubkey: expect.any(String) as string,
        created_at: expect.any(Number) as number,
        kind: 24_133,
        tags: [["p", values["client_pubkey"]]],
        content: expect.any(String) as string,
        sig: expect.any(String) as string,
      });
      // NIP-44: version 2 in the first byte. NIP-04: the initialisation vector behind the ciphertext.
      expect(Buffer.from(event.content, "base64")[0] === 2 || /^[\w+/=]+\?iv=[\w+/=]+$/.test(event.content)).toBe(true);
    }
  });

  it("each secret that was handed out has 128 random bits at least, and shares no part with another", () => {
    const handedOut = needles
      .filter(({ name }) => /^(an invite's secret|an API token's secret)$/.test(name))
      .map(({ bytes }) => String(bytes));
    expect(handedOut).toHaveLength(4);
    // Six bits a character at most.
    for (const text of handedOut) expect(text.length * (/^[0-9a-f]+$/.test(text) ? 4 : 6)).toBeGreaterThanOrEqual(128);
    const parts = handedOut.flatMap((text) => [text.slice(0, 8), text.slice(-8)]);
    expect(new Set(parts).size).toBe(parts.length);
  });

  it("an invite's and a token's secret rest as keyed hashes, not as hashes that anybody could compute", () => {
    const kept = rows.filter(({ table }) => table === "invites" || table === "tokens").map(({ values }) => values["secret_hash"]);
    expect(kept.length).toBeGreaterThan(4);
    const computable = needles.map(({ bytes }) => Buffer.from(sha256(bytes)).toString("hex"));
    for (const hash of kept) {
      expect(hash).toHaveLength(32);
      expect(computable).not.toContain(Buffer.from(hash as Uint8Array).toString("hex"));
    }
  });
});
