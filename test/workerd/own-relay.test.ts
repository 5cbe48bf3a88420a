// Our own embedded relay is never dialled: a bunker that talks to itself over the network would never sleep.

import { expect, test } from "vitest";
import { isOwnRelay } from "../../durable-objects/bunker/relay-set.ts";

const BUNKER = "ab".repeat(32);
const context = { bunkerId: BUNKER, ownHosts: () => ["sign.example.org", "alias.example.org", "localhost:8787"] };

test.each([
  `wss://sign.example.org/relay/${BUNKER}`,
  `wss://SIGN.example.org/RELAY/${BUNKER.toUpperCase()}/`,
  `wss://sign.example.org.:443/relay/${BUNKER}`,
  `wss://alias.example.org/relay/${BUNKER}`,
  `wss://alias.example.org/relay/${BUNKER}?x=1`,
  `ws://localhost:8787/relay/${BUNKER}`,
])("%s is ours", (relay) => {
  expect(isOwnRelay(context, relay)).toBe(true);
});

test.each([
  `wss://elsewhere.example.org/relay/${BUNKER}`,
  `wss://sign.example.org:8443/relay/${BUNKER}`,
  `wss://sign.example.org/relay/${"cd".repeat(32)}`,
  "wss://sign.example.org/",
  "no relay",
])("%s is not", (relay) => {
  expect(isOwnRelay(context, relay)).toBe(false);
});
