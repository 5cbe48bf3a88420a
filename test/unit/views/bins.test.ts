// Hours put together into bars: as many as a chart has, in the reader's own days, and not one request lost or counted twice.

import { describe, expect, it } from "vitest";
import { dayBegin } from "../../../src/routes/pages/bunker/day.ts";
import { binsOf, ceilingOf, fewBins, spanStart, totalsOf, totalsSentence } from "../../../src/views/charts/bins.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.parse("2026-11-26T15:20:00Z");
const hour = (at: string, allowed = 1) => ({ at: new Date(at).toISOString(), allowed, asked: 0, denied: 0, stranger: 7 });

describe("the past day", () => {
  it("is 24 bars, the newest the hour that is running", () => {
    const bins = binsOf([hour("2026-11-26T15:00:00Z", 3), hour("2026-11-25T16:00:00Z", 2), hour("2026-11-25T15:00:00Z", 9)], "day", NOW);
    expect(bins).toHaveLength(24);
    expect([bins[0]?.allowed, bins[23]?.allowed]).toEqual([2, 3]);
    expect(bins[0]?.at).toBe(spanStart("day", NOW));
    expect(totalsOf(bins)).toEqual({ allowed: 5, asked: 0, denied: 0 });
    expect(fewBins([hour("2026-11-26T15:00:00Z", 3), hour("2026-11-26T14:00:00Z", 4)], NOW).map(({ allowed }) => allowed)).toEqual([
      ...Array<number>(11).fill(0),
      7,
    ]);
  });
});

describe("the past month", () => {
  it.each([
    ["UTC", "2026-11-25T23:00:00Z", 28],
    ["Europe/Berlin", "2026-11-25T23:00:00Z", 29],
    ["America/New_York", "2026-11-26T04:00:00Z", 28],
    ["America/New_York", "2026-11-26T05:00:00Z", 29],
    ["Pacific/Auckland", "2026-11-26T11:00:00Z", 29],
  ])("in %s has the hour of %s in bar %i of its 30", (zone, at, bar) => {
    const bins = binsOf([hour(at)], "month", NOW, zone);
    expect(bins).toHaveLength(30);
    expect(bins.findIndex(({ allowed }) => allowed > 0)).toBe(bar);
  });

  it("loses no hour where clocks are put back", () => {
    const hours = Array.from({ length: 30 * 24 }, (_, index) => hour(new Date(NOW - (NOW % HOUR_MS) - index * HOUR_MS).toISOString()));
    const bins = binsOf(hours, "month", NOW, "America/New_York");
    // From the evening of the first day: 1 November has 25 hours there.
    expect(bins.filter(({ allowed }) => allowed === 25)).toHaveLength(1);
    expect(bins.slice(1, -1).every(({ allowed }) => allowed === 24 || allowed === 25)).toBe(true);
  });
});

describe("a day that somebody typed", () => {
  it.each([
    ["2026-11-26", "UTC", 0, "2026-11-26T00:00:00.000Z"],
    ["2026-11-26", "Europe/Berlin", 0, "2026-11-25T23:00:00.000Z"],
    ["2026-11-26", "Europe/Berlin", 1, "2026-11-26T23:00:00.000Z"],
    ["2026-11-30", "Asia/Kolkata", 1, "2026-11-30T18:30:00.000Z"],
    ["2026-10-25", "Europe/Berlin", 0, "2026-10-24T22:00:00.000Z"],
    ["2026-10-25", "Europe/Berlin", 1, "2026-10-25T23:00:00.000Z"],
  ])("%s in %s, %i later, begins at %s", (text, zone, later, at) => {
    expect(new Date(dayBegin(text, zone, later) ?? 0).toISOString()).toBe(at);
  });

  it("is nothing where it is no day", () => {
    expect([dayBegin("yesterday", "UTC"), dayBegin("", "UTC"), dayBegin("2026-1-1", "UTC")]).toEqual([undefined, undefined, undefined]);
  });
});

describe("words and scale", () => {
  it("counts in a sentence", () => {
    expect(totalsSentence({ allowed: 1240, asked: 31, denied: 13 }, "24 hours")).toBe(
      "1,284 requests in 24 hours: 1,240 allowed, 31 asked, 13 denied",
    );
    expect(totalsSentence({ allowed: 1, asked: 0, denied: 0 }, "30 days")).toBe("1 request in 30 days: 1 allowed, 0 asked, 0 denied");
    expect(totalsSentence({ allowed: 0, asked: 0, denied: 0 }, "30 days")).toBe("No requests in 30 days");
  });

  it.each([
    [0, 1],
    [1, 1],
    [3, 4],
    [15, 20],
    [61, 80],
    [999, 1000],
  ])("a chart whose highest bar is %i reaches to %i", (allowed, ceiling) => {
    expect(ceilingOf([{ allowed, asked: 0, denied: 0 }])).toBe(ceiling);
  });
});
