import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizeRelayUrl, relayProblem, sameRelay } from "../../../src/protocol/relay-url.ts";

const problem = (url: string) => relayProblem(url, { allowInsecure: false });

describe("relay URLs are compared", () => {
  test.each([
    ["WSS://Relay.Example/", "wss://relay.example"],
    ["wss://relay.example:443/Relay/ABC/", "wss://relay.example/relay/abc"],
    ["ws://relay.example:80//", "ws://relay.example"],
    ["wss://relay.example.:8443/x?Key=V", "wss://relay.example:8443/x?Key=V"],
    ["  wss://relay.example  ", "wss://relay.example"],
    ["wss://bücher.example", "wss://xn--bcher-kva.example"],
    ["wss://relay.example/a/../b", "wss://relay.example/b"],
  ])("%s as %s", (url, normalized) => {
    expect(normalizeRelayUrl(url)).toBe(normalized);
    expect(sameRelay(url, normalized)).toBe(true);
  });

  test.each([
    "",
    "relay.example",
    "http://relay.example",
    "https://relay.example",
    "javascript:alert(1)",
    "wss://",
    "wss://user@relay.example",
    "wss://user:pass@relay.example",
    "wss://relay.example/#x",
    "wss://relay.example/#",
    "wss://relay.exa\nmple",
    "wss://relay.example/a b",
    "wss://relay.example:99999",
    `wss://relay.example/${"x".repeat(512)}`,
  ])("never as %j, which is no relay", (url) => {
    expect(normalizeRelayUrl(url)).toBeUndefined();
    expect(sameRelay(url, url)).toBe(false);
    expect(relayProblem(url, { allowInsecure: true })).toBeDefined();
  });

  test("apart when scheme, host, port, path or query differ", () => {
    const urls = [
      "wss://a.example",
      "ws://a.example",
      "wss://b.example",
      "wss://a.example:8443",
      "wss://a.example/x",
      "wss://a.example?x=1",
    ];
    for (const a of urls) for (const b of urls) expect(sameRelay(a, b)).toBe(a === b);
  });

  test("by a form that stays as it is when it is normalised again", () => {
    const path = fc.array(fc.stringMatching(/^[A-Za-z0-9_.%-]{0,8}$/)).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(fc.constantFrom("ws", "wss"), fc.domain(), fc.integer({ min: 0, max: 65_535 }), path, (scheme, host, port, rest) => {
        const normalized = normalizeRelayUrl(`${scheme}://${host}:${port}/${rest}`);
        expect(normalized).toBeDefined();
        expect(normalizeRelayUrl(normalized ?? "")).toBe(normalized);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => [undefined, "string"].includes(typeof (normalizeRelayUrl(text) ?? ""))),
    );
  });
});

describe("a relay is dialled", () => {
  test.each([
    "wss://relay.damus.io",
    "wss://relay.example:8443/path",
    "wss://8.8.8.8",
    "wss://100.63.255.255",
    "wss://100.128.0.1",
    "wss://172.15.0.1",
    "wss://172.32.0.1",
    "wss://[2606:4700:4700::1111]",
    "wss://[2001:4860:4860::8888]",
    "wss://[64:ff9b::808:808]",
    "wss://[::ffff:8.8.8.8]",
    "wss://8.8.8.8.nip.io",
    "wss://relay-8-8-8-8.sslip.io",
    "wss://10.example.com",
    "wss://relay-1-2-3.example.com",
    "wss://localhost.example.com",
    "wss://local.example",
  ])("at %s", (url) => {
    expect(problem(url)).toBeUndefined();
  });

  test.each([
    "ws://relay.example",
    "ws://localhost",
    "http://relay.example",
    "wss://localhost",
    "wss://LOCALHOST.",
    "wss://a.localhost",
    "wss://a.localhost.:443",
    "wss://printer.local",
    "wss://metadata.google.internal",
    "wss://router.lan",
    "wss://nas.home.arpa",
    "wss://intranet",
    "wss://0.0.0.0",
    "wss://0",
    "wss://10.0.0.1",
    "wss://10.255.255.255",
    "wss://127.0.0.1",
    "wss://127.1",
    "wss://0x7f.1",
    "wss://0x7f000001",
    "wss://2130706433",
    "wss://0177.0.0.1",
    "wss://127.0.0.1.",
    "wss://１２７.0.0.1",
    "wss://169.254.169.254",
    "wss://172.16.0.1",
    "wss://172.31.255.255",
    "wss://192.168.1.1",
    "wss://100.64.0.1",
    "wss://100.127.255.255",
    "wss://192.0.2.1",
    "wss://198.18.0.1",
    "wss://198.51.100.1",
    "wss://203.0.113.1",
    "wss://224.0.0.1",
    "wss://240.0.0.1",
    "wss://255.255.255.255",
    "wss://[::]",
    "wss://[::1]",
    "wss://[0:0:0:0:0:0:0:1]",
    "wss://[::ffff:127.0.0.1]",
    "wss://[::ffff:10.0.0.1]",
    "wss://[::ffff:a9fe:a9fe]",
    "wss://[::7f00:1]",
    "wss://[64:ff9b::a00:1]",
    "wss://[64:ff9b:1::1]",
    "wss://[2002:a00:1::]",
    "wss://[2001:0:1::1]",
    "wss://[2001:db8::1]",
    "wss://[fc00::1]",
    "wss://[fd12:3456::1]",
    "wss://[fe80::1]",
    "wss://[fec0::1]",
    "wss://[ff02::1]",
    "wss://[100::1]",
    "wss://10.0.0.1.nip.io",
    "wss://relay.10.0.0.1.nip.io",
    "wss://app-192-168-1-1.nip.io",
    "wss://10-0-0-1.sslip.io",
    "wss://1.10.0.0.1.nip.io",
    "wss://7f000001.nip.io",
    "wss://--1.sslip.io",
    "wss://nip.io",
    "wss://localtest.me",
    "wss://a.lvh.me",
    "wss://127.0.0.1.example.com",
  ])("never at %s", (url) => {
    expect(problem(url)).toMatch(/^a relay must /);
  });

  test("at any address in development, as long as it is a relay", () => {
    for (const url of ["ws://localhost:7777", "wss://10.0.0.1", "ws://[::1]:8787/relay/x"]) {
      expect(relayProblem(url, { allowInsecure: true })).toBeUndefined();
    }
    expect(relayProblem("http://localhost", { allowInsecure: true })).toBeDefined();
  });

  test("at no IPv4 address of a private network, however it is spelled", () => {
    const inside = fc.oneof(
      fc.integer({ min: 0x0a00_0000, max: 0x0aff_ffff }),
      fc.integer({ min: 0x7f00_0000, max: 0x7fff_ffff }),
      fc.integer({ min: 0xac10_0000, max: 0xac1f_ffff }),
      fc.integer({ min: 0xc0a8_0000, max: 0xc0a8_ffff }),
    );
    fc.assert(
      fc.property(inside, (address) => {
        const bytes = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255);
        const [a = 0, b = 0, c = 0, d = 0] = bytes;
        const hex = address.toString(16).padStart(8, "0");
        const hosts = [
          bytes.join("."),
          String(address),
          `0x${hex}`,
          `0${a.toString(8)}.${b}.${(c << 8) | d}`,
          `[::ffff:${hex.slice(0, 4)}:${hex.slice(4)}]`,
          `[64:ff9b::${bytes.join(".")}]`,
          `[2002:${hex.slice(0, 4)}:${hex.slice(4)}::1]`,
          `${bytes.join("-")}.sslip.io`,
          `x.${bytes.join(".")}.nip.io`,
          `${hex}.nip.io`,
        ];
        for (const host of hosts) expect(problem(`wss://${host}/`), host).toBeDefined();
      }),
    );
  });
});
