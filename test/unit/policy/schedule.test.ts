// Days and hours in a zone, summer time and midnight included.

import { expect, test } from "vitest";
import { decide } from "../../../src/policy/decide.ts";
import { circumstances, note, problemsOf, rules } from "./policy-table.ts";

function effectAt(when: object, moment: string, effect = "allow") {
  return decide(rules({ effect, kinds: [1], when }), note(), circumstances({ now: Date.parse(moment) })).effect;
}

test.each([
  ["from alone lasts to midnight", { from: "20:00" }, "2026-05-04T23:59:59Z", "allow"],
  ["to alone begins at midnight", { to: "08:00" }, "2026-05-04T00:00:00Z", "allow"],
  ["to is the first minute outside", { to: "08:00" }, "2026-05-04T08:00:00Z", "deny"],
  ["without a zone it is UTC", { from: "12:00", to: "12:01" }, "2026-05-04T12:00:30Z", "allow"],
  ["days are those of the zone", { days: ["tue"], zone: "Pacific/Auckland" }, "2026-05-04T12:00:00Z", "allow"],
  ["days are those of the zone", { days: ["mon"], zone: "Pacific/Auckland" }, "2026-05-04T12:00:00Z", "deny"],
  ["in winter Berlin is an hour ahead", { from: "08:00", to: "09:00", zone: "Europe/Berlin" }, "2026-01-05T07:30:00Z", "allow"],
  ["in summer Berlin is two hours ahead", { from: "08:00", to: "09:00", zone: "Europe/Berlin" }, "2026-07-06T06:30:00Z", "allow"],
  ["half-hour zones", { from: "17:30", to: "17:31", zone: "Asia/Kolkata" }, "2026-05-04T12:00:00Z", "allow"],
  ["a night belongs to the day on which it began", { days: ["mon"], from: "22:00", to: "06:00" }, "2026-05-05T05:59:00Z", "allow"],
  ["a night belongs to the day on which it began", { days: ["mon"], from: "22:00", to: "06:00" }, "2026-05-04T05:59:00Z", "deny"],
  ["a night begins on its own day", { days: ["mon"], from: "22:00", to: "06:00" }, "2026-05-04T22:00:00Z", "allow"],
  ["Sunday's night reaches into Monday", { days: ["sun"], from: "22:00", to: "06:00" }, "2026-05-04T05:00:00Z", "allow"],
])("%s: %o at %s", (_name, when, moment, effect) => {
  expect(effectAt(when, moment)).toBe(effect);
});

test("a deny rule with a schedule denies at those times", () => {
  expect(effectAt({ days: ["mon"] }, "2026-05-04T12:00:00Z", "deny")).toBe("deny");
  expect(decide(rules({ effect: "ask", kinds: [1], when: { days: ["tue"] } }), note(), circumstances()).rules).toEqual(["default"]);
});

test("zones and times that do not exist are refused", () => {
  const problem = (when: object) => problemsOf({ name: "x", rules: [{ id: "a", effect: "allow", when }] })[0];
  expect(problem({ zone: "Europe/Atlantis" })).toBe('rules[0].when.zone: expected an IANA time zone such as "Europe/Berlin"');
  expect(problem({ from: "8:00" })).toBe('rules[0].when.from: expected a time of day such as "08:00"');
  expect(problem({ from: "08:00", to: "08:00" })).toContain("rules[0].when.from:");
  expect(problem({ days: ["monday"] })).toContain("rules[0].when.days[0]: expected one of: mon");
});
