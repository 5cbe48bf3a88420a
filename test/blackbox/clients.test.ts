// Real client libraries against the real product: what they do out of the box must work.

import NDK, { NDKEvent, NDKNip46Signer, NDKPrivateKeySigner } from "@nostr-dev-kit/ndk";
import { BunkerSigner, createNostrConnectURI, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey, getPublicKey, verifyEvent } from "nostr-tools/pure";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startInstance, type Instance } from "../support/instance.ts";
import { Operator } from "../support/operator.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(() => instance.discard());

const template = { kind: 1, content: "from a real client", tags: [["t", "test"]], created_at: 1_795_000_000 };

describe("nostr-tools", () => {
  it("connects with a bunker URL, signs, is refused in words, and logs out", async () => {
    const operator = await Operator.create(instance);
    const { bunkerUrl } = await operator.invite({ policy: "bot-notes" });
    const pointer = await parseBunkerInput(bunkerUrl);
    if (pointer === null) throw new Error("expected nostr-tools to read our bunker URL");
    const signer = BunkerSigner.fromBunker(generateSecretKey(), pointer);
    await signer.connect();
    expect(await signer.getPublicKey()).toBe(operator.userPubkey);
    const event = await signer.signEvent(template);
    expect(verifyEvent(event)).toBe(true);
    expect(event).toMatchObject({ ...template, pubkey: operator.userPubkey });
    await expect(signer.signEvent({ ...template, kind: 5 })).rejects.toMatch(/^(needs approval|denied by policy): /);
    await signer.sendRequest("logout", []);
    await expect(signer.ping()).rejects.toBe("not connected");
    await signer.close();
  });

  it("connects by showing a nostrconnect:// code that names our own relay", async () => {
    const operator = await Operator.create(instance);
    const clientSecretKey = generateSecretKey();
    const uri = createNostrConnectURI({
      clientPubkey: getPublicKey(clientSecretKey),
      relays: [`ws://localhost:${instance.port}/relay/${operator.bunkerId}`],
      secret: "0123456789abcdef",
      perms: ["sign_event:1"],
      name: "nostr-tools",
    });
    const waiting = BunkerSigner.fromURI(clientSecretKey, uri, {}, 20_000);
    const connection = await operator.call<{ id: string; requestedPermissions: string[] }>("POST", "/nostrconnect", {
      uri,
      policy: "full-access",
    });
    const signer = await waiting;
    expect(connection.requestedPermissions).toEqual(["sign_event:1"]);
    expect(await signer.getPublicKey()).toBe(operator.userPubkey);
    expect(verifyEvent(await signer.signEvent(template))).toBe(true);
    const twice = await operator.call<{ id: string }>("POST", "/nostrconnect", { uri, policy: "full-access" });
    expect(twice.id).toBe(connection.id);
    await signer.close();
  });
});

describe("NDK", () => {
  it("connects with a bunker URL, reads the user's key and signs", async () => {
    const operator = await Operator.create(instance);
    const { bunkerUrl } = await operator.invite();
    const ndk = new NDK({ explicitRelayUrls: [] });
    const signer = NDKNip46Signer.bunker(ndk, bunkerUrl, NDKPrivateKeySigner.generate());
    const user = await signer.blockUntilReady();
    expect(user.pubkey).toBe(operator.userPubkey);
    const event = new NDKEvent(ndk, { kind: 1, content: "from NDK", tags: [], created_at: 1_795_000_000, pubkey: user.pubkey });
    await event.sign(signer);
    expect(verifyEvent(event.rawEvent() as Parameters<typeof verifyEvent>[0])).toBe(true);
    const friend = ndk.getUser({ pubkey: getPublicKey(generateSecretKey()) });
    const encrypted = await signer.encrypt(friend, "a secret of theirs", "nip44");
    expect(await signer.decrypt(friend, encrypted, "nip44")).toBe("a secret of theirs");
    signer.stop();
  });

  it("connects by showing a nostrconnect:// code", async () => {
    const operator = await Operator.create(instance);
    const ndk = new NDK({ explicitRelayUrls: [] });
    const relay = `ws://localhost:${instance.port}/relay/${operator.bunkerId}`;
    const signer = NDKNip46Signer.nostrconnect(ndk, relay, undefined, { name: "NDK" });
    const ready = signer.blockUntilReady();
    const uri = signer.nostrConnectUri;
    if (uri === undefined) throw new Error("expected NDK to show a code");
    // As a person would: the app shows its code first and listens by then.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await operator.call("POST", "/nostrconnect", { uri, policy: "full-access" });
    expect((await ready).pubkey).toBe(operator.userPubkey);
    signer.stop();
  });
});
