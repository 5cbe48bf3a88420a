// What the bench makes of its samples.

import { describe, expect, test } from "vitest";
import { median, quantile, ratio } from "../../../src/tools/bench/statistics.ts";

describe("the median", () => {
  test("is the one in the middle, whatever the order", () => expect(median([9, 1, 5])).toBe(5));
  test("of an even number is the mean of the two in the middle", () => expect(median([10, 1, 4, 2])).toBe(3));
  test("sorts numbers as numbers", () => expect(median([100, 9, 20])).toBe(20));
  test("of nothing is nothing to speak of", () => expect(() => median([])).toThrow(RangeError));
});

describe("a quantile", () => {
  const twenty = Array.from({ length: 20 }, (_, index) => index + 1);

  test("0.95 of twenty is the slowest", () => expect(quantile(twenty, 0.95)).toBe(20));
  test("1 is the last one, not one beyond it", () => expect(quantile(twenty, 1)).toBe(20));
  test("leaves the samples as they are", () => {
    const samples = [3, 1, 2];
    quantile(samples, 0.5);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe("the ratio of a peer to us", () => {
  test("compares round with round, so that a slow moment of the machine cancels out", () => {
    expect(ratio([20, 200, 22], [10, 100, 11])).toBe(2);
  });
  test("leaves out a round that we did not finish", () => expect(ratio([20, 20, 9_000], [10, 10])).toBe(2));
  test("leaves out a round that the peer did not finish", () => expect(ratio([20], [10, 10])).toBe(2));
});
