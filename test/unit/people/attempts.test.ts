// What counts as one network, and how a wait is told.

import { expect, it } from "vitest";
import { networkOf, waitInWords } from "../../../src/people/attempts.ts";

it.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:DB8:1:2::1", "2001:db8:1:2"],
  ["2001:0db8:0001:0002::", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  [undefined, "unknown"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

it.each([
  [1, "Too many tries. Wait 1 minute."],
  [60_000, "Too many tries. Wait 1 minute."],
  [60_001, "Too many tries. Wait 2 minutes."],
  [12 * 60_000, "Too many tries. Wait 12 minutes."],
])("%d ms are told in whole minutes, never too few", (milliseconds, words) => {
  expect(waitInWords(milliseconds)).toBe(words);
});
