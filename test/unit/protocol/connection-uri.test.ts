import NDK, { NDKNip46Signer, NDKPrivateKeySigner } from "@nostr-dev-kit/ndk";
import { bytesToHex } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { BUNKER_REGEX, createNostrConnectURI, parseBunkerInput } from "nostr-tools/nip46";
import { describe, expect, test } from "vitest";
import {
  formatBunkerUrl,
  formatNostrConnect,
  parseBunkerUrl,
  parseClientMetadata,
  parseNostrConnect,
} from "../../../src/protocol/connection-uri.ts";
import type { NostrConnect } from "../../../src/protocol/connection-uri.ts";
import { formatPermission } from "../../../src/protocol/permission.ts";
import { normalizeRelayUrl } from "../../../src/protocol/relay-url.ts";
import { anyJsonText, client, otherSecretKey, PROTOTYPE_NAMES, remoteSigner } from "./support.ts";

const relay = "wss://bunker.example/relay/0123456789abcdef";
const bunkerUrl = formatBunkerUrl({ remoteSigner, relays: [relay, "ws://localhost:8787/relay/ab"], inviteSecret: "aB3_-x" });

/** Relay URLs with every mark that a URL may hold. */
const anyRelay = fc
  .tuple(fc.constantFrom("ws", "wss"), fc.domain(), fc.stringMatching(/^[a-z0-9~!*'(),@+;$&=%:._-]{0,20}$/))
  .map(([scheme, host, path]) => `${scheme}://${host}/${path}`)
  .filter((url) => normalizeRelayUrl(url) !== undefined);

describe("a bunker URL", () => {
  test("has lower-case hex, relays and the secret, in characters that every client takes", () => {
    expect(bunkerUrl).toBe(
      `bunker://${remoteSigner}?relay=wss%3A%2F%2Fbunker.example%2Frelay%2F0123456789abcdef&relay=ws%3A%2F%2Flocalhost%3A8787%2Frelay%2Fab&secret=aB3_-x`,
    );
  });

  test("reads back", () => {
    expect(parseBunkerUrl(bunkerUrl)).toEqual({ remoteSigner, relays: [relay, "ws://localhost:8787/relay/ab"], inviteSecret: "aB3_-x" });
    expect(parseBunkerUrl(formatBunkerUrl({ remoteSigner, relays: [] }))).toEqual({ remoteSigner, relays: [] });
  });

  test("is read by nostr-tools", async () => {
    expect(await parseBunkerInput(bunkerUrl)).toEqual({
      pubkey: remoteSigner,
      relays: [relay, "ws://localhost:8787/relay/ab"],
      secret: "aB3_-x",
    });
  });

  test("is read by NDK", () => {
    const signer = NDKNip46Signer.bunker(new NDK(), bunkerUrl, new NDKPrivateKeySigner(bytesToHex(otherSecretKey)));
    expect(signer.bunkerPubkey).toBe(remoteSigner);
    expect(signer.relayUrls).toEqual([relay, "ws://localhost:8787/relay/ab"]);
    expect(signer.secret).toBe("aB3_-x");
  });

  test("of any relays reads back, in our parser, in nostr-tools' pattern and in the URL class", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
    fc.assert(
      fc.property(fc.array(anyRelay, { maxLength: 5 }), secret, (relays, inviteSecret) => {
        const text = formatBunkerUrl({ remoteSigner, relays, inviteSecret });
        expect(text).toMatch(BUNKER_REGEX);
        expect(parseBunkerUrl(text)).toEqual({ remoteSigner, relays, inviteSecret });
        expect(new URL(text).searchParams.getAll("relay")).toEqual(relays);
      }),
    );
  });

  test.each(["a+b", "a b", "", "é", "a&b", "a~"])("is not made with the secret %j, which clients would not read back", (inviteSecret) => {
    expect(() => formatBunkerUrl({ remoteSigner, relays: [], inviteSecret })).toThrow(TypeError);
  });

  test.each([
    "",
    "bunker://",
    `bunker://${remoteSigner.toUpperCase()}`,
    `bunker://${remoteSigner.slice(1)}`,
    `bunker://${"f".repeat(64)}`,
    `nostrconnect://${remoteSigner}`,
    `bunker:${remoteSigner}`,
    `https://${remoteSigner}`,
    `${bunkerUrl}&x=${"x".repeat(20_000)}`,
  ])("is not %j", (text) => {
    expect(parseBunkerUrl(text)).toBeUndefined();
  });
});

describe("a nostrconnect URL", () => {
  const base = `nostrconnect://${client}?relay=wss%3A%2F%2Fr.example&secret=s3`;
  const parse = (text: string) => {
    const parsed = parseNostrConnect(text);
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.value;
  };
  const refusal = (text: string) => {
    const parsed = parseNostrConnect(text);
    return parsed.ok ? undefined : parsed.problem;
  };

  test("with everything in it is read", () => {
    const metadata = { name: "My App & Co", url: "https://app.example/", image: "https://app.example/i.png?x=1&y=2" };
    const text = createNostrConnectURI({
      clientPubkey: client,
      relays: ["wss://a.example", "wss://b.example/x"],
      secret: "s e+c&r=é%",
      perms: ["sign_event:1", "nip44_encrypt"],
      ...metadata,
    });
    expect(parse(text)).toEqual({
      client,
      relays: ["wss://a.example", "wss://b.example/x"],
      connectSecret: "s e+c&r=é%",
      permissions: [{ method: "sign_event", param: "1" }, { method: "nip44_encrypt" }],
      metadata,
    });
  });

  test("as NDK writes it, with empty parameters, is read", () => {
    const text = `nostrconnect://${client}?image=&url=&name=&perms=&secret=abc&relay=wss%3A%2F%2Fr.example`;
    expect(parse(text)).toEqual({ client, relays: ["wss://r.example"], connectSecret: "abc", permissions: [] });
  });

  test("as nostr-login writes it, the relay last and raw, is read", () => {
    const text = `nostrconnect://${client}?image=&url=https%3A%2F%2Fa.example&name=A&perms=sign_event%3A13%2Csign_event%3A14&secret=abc&relay=wss://r.example/nostr/`;
    expect(parse(text)).toMatchObject({ relays: ["wss://r.example/nostr/"], metadata: { name: "A", url: "https://a.example/" } });
    expect(parse(text).permissions.map(formatPermission)).toEqual(["sign_event:13", "sign_event:14"]);
  });

  test("as rust-nostr writes it, with raw metadata, is read", () => {
    const text = `nostrconnect://${client}?metadata={"name":"My App","url":"https://a.example","icons":["https://a.example/i.png"]}&relay=wss://r.example&secret=abc`;
    expect(parse(text)).toMatchObject({
      relays: ["wss://r.example"],
      connectSecret: "abc",
      metadata: { name: "My App", url: "https://a.example/", image: "https://a.example/i.png" },
    });
  });

  test.each([
    ["raw", (json: string) => json],
    ["encoded", encodeURIComponent],
    ["encoded as the URL class does", (json: string) => new URL(`https://x?${json}`).search.slice(1)],
  ])("with %s metadata is read, whatever marks a name has", (_, encode) => {
    const json = encode('{"name":"R + B {x} \\"1\\"","perms":"sign_event:1","description":"d","image":"https://a.example/i"}');
    const text = `nostrconnect://${client}?secret=abc&metadata=${json}&relay=wss://r.example`;
    expect(parse(text)).toMatchObject({ connectSecret: "abc", relays: ["wss://r.example"], metadata: { image: "https://a.example/i" } });
    expect(parse(text).metadata?.name).toMatch(/^R . B \{x\} "1"$/);
    expect(parse(text).permissions).toEqual([{ method: "sign_event", param: "1" }]);
  });

  test("with raw metadata that holds & and # keeps what follows it", () => {
    const text = `nostrconnect://${client}?metadata={"name":"A & B #1 }"}&relay=wss://r.example&secret=abc#end`;
    expect(parse(text)).toMatchObject({ metadata: { name: "A & B #1 }" }, relays: ["wss://r.example"], connectSecret: "abc" });
  });

  test.each(['{"name":', "[1]", "null", "x", '{"name":{}}', "{", '{"name":"\\u0000"}'])(
    "with broken metadata %s is read without it",
    (json) => {
      const parsed = parse(`${base}&metadata=${json}`);
      expect(parsed.metadata).toBeUndefined();
    },
  );

  test("with icon instead of image is read, and plain parameters win over metadata", () => {
    expect(parse(`${base}&icon=https%3A%2F%2Fa.example%2Fi`).metadata).toEqual({ image: "https://a.example/i" });
    expect(parse(`${base}&name=B&metadata={"name":"A"}`).metadata).toEqual({ name: "B" });
    expect(parse(`${base}&name=&metadata={"name":"A"}`).metadata).toEqual({ name: "A" });
  });

  test("with spaces around permissions and the URL itself is read", () => {
    expect(parse(` ${base}&perms=+sign_event%3A1%20,%20ping+\n`).permissions.map(formatPermission)).toEqual(["sign_event:1", "ping"]);
  });

  test("with a slash before the query is read, as some URL classes write it", () => {
    expect(parse(base.replace("?", "/?")).client).toBe(client);
  });

  test("names each relay once", () => {
    expect(parse(`${base}&relay=wss://R.example/&relay=wss://b.example&relay=`).relays).toEqual(["wss://r.example", "wss://b.example"]);
  });

  test.each([
    ["a+b", "a b"],
    ["a%2Bb", "a+b"],
    ["%F0%9F%A4%99", "🤙"],
    ["a%252Bb", "a%2Bb"],
    ["100%", "100%"],
    ["%00", "\u0000"],
  ])("with the secret %s gives %j: decoded once and echoed as it is", (written, connectSecret) => {
    expect(parse(`nostrconnect://${client}?relay=wss://r.example&secret=${written}`).connectSecret).toBe(connectSecret);
  });

  test.each([
    ["another scheme", bunkerUrl, "nostrconnect://"],
    ["nothing", "", "nostrconnect://"],
    ["a short key", base.replace(client, client.slice(1)), "public key"],
    ["an upper-case key", base.replace(client, client.toUpperCase()), "public key"],
    ["a key that is no point", base.replace(client, "f".repeat(64)), "public key"],
    ["no secret", `nostrconnect://${client}?relay=wss://r.example`, "secret"],
    ["an empty secret", `nostrconnect://${client}?relay=wss://r.example&secret=`, "secret"],
    ["a secret of 5 kB", `nostrconnect://${client}?relay=wss://r.example&secret=${"x".repeat(5_000)}`, "secret"],
    ["no query", `nostrconnect://${client}`, "secret"],
    ["no relay", `nostrconnect://${client}?secret=abc`, "relay"],
    ["an empty relay", `nostrconnect://${client}?secret=abc&relay=`, "relay"],
    ["an http relay", `${base}&relay=http://r.example`, "relay"],
    ["a relay that is no URL", `${base}&relay=r.example`, "relay"],
    ["50 relays", base + Array.from({ length: 50 }, (_, n) => `&relay=wss://r${n}.example`).join(""), "relays"],
    ["100 kB", base + "&x=".repeat(33_000), "characters"],
  ])("with %s is refused in clear words", (_, text, words) => {
    expect(refusal(text)).toContain(words);
  });

  test("reads back as we write it, and says what nostr-tools would have said", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
    const relays = fc.uniqueArray(anyRelay, { minLength: 1, maxLength: 10, selector: normalizeRelayUrl });
    fc.assert(
      fc.property(
        relays,
        text,
        fc.option(fc.stringMatching(/^[a-zA-Z0-9&#+%=? ]{1,30}$/), { nil: undefined }),
        (relays, connectSecret, name) => {
          const shown = name?.trim() ? { metadata: { name: name.trim() } } : {};
          const request: NostrConnect = { client, relays, connectSecret, permissions: [{ method: "sign_event", param: "1" }], ...shown };
          expect(parse(formatNostrConnect(request))).toEqual(request);
          expect(parse(createNostrConnectURI({ clientPubkey: client, relays, secret: connectSecret })).connectSecret).toBe(connectSecret);
        },
      ),
    );
  });

  test("of any text is read or refused without an exception", () => {
    const names = fc.constantFrom("relay", "secret", "perms", "name", "url", "image", "icon", "metadata", ...PROTOTYPE_NAMES);
    const query = fc
      .array(fc.tuple(names, fc.oneof(fc.string(), anyJsonText, anyRelay)).map((pair) => pair.join("=")))
      .map((pairs) => pairs.join("&"));
    fc.assert(fc.property(query, (text) => typeof parseNostrConnect(`nostrconnect://${client}?${text}`).ok === "boolean"));
    fc.assert(fc.property(fc.string(), (text) => !parseNostrConnect(text).ok && parseBunkerUrl(text) === undefined));
  });
});

describe("what an app says of itself", () => {
  test("is shown when it is plain", () => {
    const text = '{"name":"A","url":"https://a.example","image":"http://a.example/i.png","more":1}';
    expect(parseClientMetadata(text)).toEqual({ name: "A", url: "https://a.example/", image: "http://a.example/i.png" });
  });

  test.each([
    undefined,
    "",
    "null",
    "[]",
    '"A"',
    "{",
    "{}",
    '{"name":1,"url":2,"image":null}',
    '{"name":"  \\n "}',
    '{"url":"javascript:alert(1)","image":"data:image/png;base64,AA"}',
    '{"url":"https://user:pass@a.example"}',
    '{"url":"/relative"}',
    `{"name":"${"x".repeat(1_048_576)}"}`,
    "[".repeat(10_000),
    '{"__proto__":{"name":"A"}}',
  ])("is ignored when it is malformed (%#)", (text) => {
    expect(parseClientMetadata(text)).toBeUndefined();
  });

  test("keeps what is good beside what is not", () => {
    expect(parseClientMetadata('{"name":"A","url":"javascript:alert(1)"}')).toEqual({ name: "A" });
  });

  test("is one line of at most 64 characters, without marks that turn or hide letters", () => {
    const name = (text: string) => parseClientMetadata(JSON.stringify({ name: text }))?.name;
    expect(name("a\nb\u0000c\u2028d")).toBe("a b c d");
    expect(name("\u202Egnp.exe\u200B\u2066x")).toBe("gnp.exex");
    expect(name("x".repeat(1_000))).toBe("x".repeat(64));
    expect(name(`${"x".repeat(63)}🤙`)).toBe(`${"x".repeat(63)}\uFFFD`);
    expect(name("<b>A</b>")).toBe("<b>A</b>");
  });

  test("of any text is read or ignored without an exception", () => {
    fc.assert(fc.property(fc.oneof(anyJsonText, fc.string()), (text) => typeof (parseClientMetadata(text) ?? {}) === "object"));
  });
});
