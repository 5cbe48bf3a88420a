// Section E: the codes that apps show us, and whether the URLs that we show are read by others as we mean them.

import NDK, { NDKNip46Signer } from "@nostr-dev-kit/ndk";
import { BUNKER_REGEX, createNostrConnectURI, parseBunkerInput } from "nostr-tools/nip46";
import { describe, expect, it } from "vitest";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import type { ApiAnswer } from "../support/instance.ts";
import { startRealRelay } from "../support/real-relay.ts";
import {
  heardBeforePong,
  listen,
  newSecretKey,
  nostrConnectApp,
  randomPubkey,
  useInstance,
  type ConnectionItem,
  type HostedBunker,
} from "./support.ts";

const instance = useInstance();
const developer = useInstance({ env: { ALLOW_INSECURE_RELAYS: "true" } });

interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}

async function approve(bunker: HostedBunker, uri: string): Promise<ApiAnswer<ConnectionItem & Refusal>> {
  return bunker.api<ConnectionItem & Refusal>("POST", "/nostrconnect", { uri, policy: "full-access" });
}

async function expectRefused(bunker: HostedBunker, uri: string, text: RegExp): Promise<void> {
  const answer = await approve(bunker, uri);
  expect(answer.status, uri.slice(0, 200)).toBe(422);
  expect(answer.body.error, uri.slice(0, 200)).toEqual({ code: "invalid", message: expect.stringMatching(text) as string });
  expect(await bunker.connections()).toEqual([]);
}

/** A code that names the bunker's own relay, with this after it. */
function code(bunker: HostedBunker, rest: string, pubkey: string = randomPubkey()): string {
  return `nostrconnect://${pubkey}?relay=${encodeURIComponent(bunker.relayUrl)}&${rest}`;
}

describe("nostrconnect:// and bunker:// URLs", () => {
  it("E86 · a full code over two relays is answered on both with one response that carries its secret, and nothing before it", async () => {
    const bunker = await developer.bunker();
    const relay = await startRealRelay();
    try {
      const secretKey = newSecretKey();
      const relays = [bunker.relayUrl, relay.url];
      const heard = await Promise.all(relays.map((url) => listen(url, secretKey)));
      const uri = createNostrConnectURI({
        clientPubkey: publicKeyOf(secretKey),
        relays,
        secret: "code-secret",
        perms: ["sign_event:1", "nip44_encrypt"],
        name: "App",
        url: "https://app.example/",
        image: "https://app.example/icon.png",
      });
      const { status, body } = await approve(bunker, uri);
      expect(status).toBe(201);
      expect(body).toMatchObject({
        state: "active",
        requestedPermissions: ["sign_event:1", "nip44_encrypt"],
        metadata: { name: "App", url: "https://app.example/", image: "https://app.example/icon.png" },
      });
      const firsts = await Promise.all(heard.map(({ first }) => first(body.remoteSignerPubkey)));
      expect(firsts.map(({ response }) => response.result)).toEqual(["code-secret", "code-secret"]);
      expect(new Set(firsts.map(({ event }) => event.id)).size).toBe(1);
      // The signer listens on both before it says a word: the app may ask at once.
      for (const { client } of firsts) expect(await client.request("get_public_key")).toMatchObject({ result: bunker.userPubkey });
    } finally {
      await relay.close();
    }
  });

  it("E87 · a code without a secret is refused in words", async () => {
    const bunker = await instance.bunker();
    for (const rest of ["", "secret=", "name=App"]) await expectRefused(bunker, code(bunker, rest), /no secret/);
  });

  it("E88 · a code without a relay is refused in words", async () => {
    const bunker = await instance.bunker();
    for (const query of ["secret=s", "relay=&secret=s"])
      await expectRefused(bunker, `nostrconnect://${randomPubkey()}?${query}`, /no relay/);
  });

  it("E89 · empty parameters, as some clients write them, are accepted", async () => {
    const bunker = await instance.bunker();
    const { status, body } = await approve(bunker, code(bunker, "image=&url=&name=&perms=&secret=s"));
    expect(status).toBe(201);
    expect(body).toMatchObject({ metadata: null, requestedPermissions: [] });
  });

  it("E90 · the old metadata parameter is read, encoded or raw", async () => {
    const bunker = await instance.bunker();
    const json = '{"name":"x & y #1","perms":"sign_event:1","icons":["https://app.example/icon.png"]}';
    for (const metadata of [json, encodeURIComponent(json)]) {
      const { status, body } = await approve(bunker, code(bunker, `metadata=${metadata}&secret=s`));
      expect(status).toBe(201);
      expect(body).toMatchObject({
        metadata: { name: "x & y #1", image: "https://app.example/icon.png" },
        requestedPermissions: ["sign_event:1"],
      });
    }
  });

  it("E91 · relays in private networks, of another scheme or too many are refused", async () => {
    const bunker = await instance.bunker();
    const relays = [
      "ws://localhost:7777",
      "ws://relay.example",
      "http://relay.example",
      "https://relay.example",
      "javascript:alert(1)",
      "wss://10.0.0.1",
      "wss://127.0.0.1",
      "wss://localhost",
      "wss://192.168.1.1",
      "wss://169.254.169.254",
      "wss://[::1]",
      "wss://2130706433",
      "wss://10.0.0.1.nip.io",
      "wss://user:pass@relay.example",
    ];
    for (const relay of relays) {
      await expectRefused(bunker, code(bunker, `relay=${encodeURIComponent(relay)}&secret=s`), /relay/);
      await expectRefused(bunker, `nostrconnect://${randomPubkey()}?relay=${encodeURIComponent(relay)}&secret=s`, /relay/);
    }
    const many = Array.from({ length: 50 }, (_, count) => `relay=wss%3A%2F%2Fr${count}.example`).join("&");
    await expectRefused(bunker, code(bunker, `${many}&secret=s`), /more than 10 relays/);
  });

  it("E92 · the same code approved twice is one session and one response", async () => {
    const bunker = await instance.bunker();
    const secretKey = newSecretKey();
    const uri = code(bunker, "secret=s", publicKeyOf(secretKey));
    const { first } = await listen(bunker.relayUrl, secretKey);
    const made = await approve(bunker, uri);
    const { client } = await first(made.body.remoteSignerPubkey);
    const heard = await heardBeforePong(client, async () => {
      const again = await approve(bunker, uri);
      expect(again.status).toBeLessThan(300);
      expect(again.body.id).toBe(made.body.id);
    });
    expect(heard).toEqual([]);
    expect(await bunker.connections()).toHaveLength(1);
  });

  it("E93 · the secret comes back as it reads after one decoding, up to 256 characters", async () => {
    const bunker = await instance.bunker();
    for (const [written, secret] of [
      ["a%2Bb", "a+b"],
      ["a+b", "a b"],
      ["a%252Bb", "a%2Bb"],
      [encodeURIComponent("ключ 🔑 \"'&=#"), "ключ 🔑 \"'&=#"],
      ["s".repeat(256), "s".repeat(256)],
    ] as const) {
      const secretKey = newSecretKey();
      const { first } = await listen(bunker.relayUrl, secretKey);
      const { body } = await approve(bunker, code(bunker, `secret=${written}`, publicKeyOf(secretKey)));
      expect((await first(body.remoteSignerPubkey)).response.result).toBe(secret);
    }
    const fresh = await instance.bunker();
    for (const length of [257, 5_000]) await expectRefused(fresh, code(fresh, `secret=${"s".repeat(length)}`), /secret/);
  });

  it("E94 · permissions are read with spaces around them and with their commas encoded", async () => {
    const bunker = await instance.bunker();
    for (const [perms, requestedPermissions] of [
      ["sign_event:13%2Csign_event:14", ["sign_event:13", "sign_event:14"]],
      ["%20sign_event%3A1%20%2C+nip44_encrypt+,", ["sign_event:1", "nip44_encrypt"]],
    ] as const) {
      expect((await approve(bunker, code(bunker, `perms=${perms}&secret=s`))).body).toMatchObject({ requestedPermissions });
    }
  });

  it("E95 · our bunker URL is read by nostr-tools, NDK and any URL parser as we mean it", async () => {
    const bunker = await instance.bunker();
    const { url, remoteSigner, inviteSecret } = await bunker.invite();
    expect(url).toMatch(BUNKER_REGEX);
    expect(await parseBunkerInput(url)).toEqual({ pubkey: remoteSigner, relays: [bunker.relayUrl], secret: inviteSecret });

    const ndk = NDKNip46Signer.bunker(new NDK({ explicitRelayUrls: [] }), url);
    expect(ndk).toMatchObject({ bunkerPubkey: remoteSigner, relayUrls: [bunker.relayUrl], secret: inviteSecret, userPubkey: null });

    // rust-nostr takes the host of the URL, applesauce the host or the path; both take the parameters decoded once.
    const parsed = new URL(url);
    expect(parsed.host || parsed.pathname.replace(/^\/\//, "")).toBe(remoteSigner);
    expect([...parsed.searchParams]).toEqual([
      ["relay", bunker.relayUrl],
      ["secret", inviteSecret],
    ]);
    expect(inviteSecret).toMatch(/^[A-Za-z0-9_-]{22,}$/);
  });

  it("E96 · each unsolicited response has an id of its own", async () => {
    const bunker = await instance.bunker();
    const clients = [await nostrConnectApp(bunker, [bunker.relayUrl]), await nostrConnectApp(bunker, [bunker.relayUrl])];
    const ids = clients.map((client) => client.responses()[0]?.id ?? "");
    expect(ids.every((id) => id.length > 0)).toBe(true);
    expect(new Set(ids).size).toBe(2);
  });
});
