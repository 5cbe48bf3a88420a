// Which root secrets an instance lives with, in every order in which somebody could set, exchange and remove them.

import { describe, expect, it } from "vitest";
import { isRootFault, rootStanding, type RootStanding } from "../../../durable-objects/instance/root-standing.ts";
import { rootCheckValue } from "../../../src/sealing/root-secret.ts";
import { sampleRoot } from "../../support/sealing-samples.ts";

const [a, b, c] = [sampleRoot("a"), sampleRoot("b"), sampleRoot("c")];
const before = { rootCheck: rootCheckValue(a), nextCheck: null };
const during = { rootCheck: rootCheckValue(a), nextCheck: rootCheckValue(b) };
const after = { rootCheck: rootCheckValue(b), nextCheck: null };

type Roots = readonly [root: typeof a, next?: typeof a];

describe.each<[string, typeof before | typeof during, readonly (readonly [Roots, RootStanding])[]]>([
  [
    "before a rotation",
    before,
    [
      [[a], "fits"],
      [[a, b], "rotating"],
      [[b], "other"],
      [[b, a], "rotated"],
      [[b, c], "other"],
    ],
  ],
  [
    "while it goes from a to b",
    during,
    [
      [[a, b], "rotating"],
      [[a], "next-missing"],
      [[a, c], "next-other"],
      [[b], "too-early"],
      [[b, a], "too-early"],
      [[b, c], "too-early"],
      [[c], "other"],
      [[c, b], "other"],
    ],
  ],
  [
    "when nothing rests under a any more",
    after,
    [
      [[a, b], "rotated"],
      [[b], "fits"],
      [[b, c], "rotating"],
      [[a], "other"],
      [[a, c], "other"],
    ],
  ],
])("%s", (_name, checks, cases) => {
  it.each(cases.map(([[root, next], standing]) => ({ root: root.id, next: next?.id ?? "none", standing, given: [root, next] as const })))(
    "with $root and $next it is $standing",
    ({ given: [root, next], standing }) => {
      expect(rootStanding(root, next, checks)).toBe(standing);
    },
  );
});

it("only what serves is no fault", () => {
  const all: RootStanding[] = ["fits", "rotating", "rotated", "other", "next-missing", "next-other", "too-early"];
  expect(all.filter(isRootFault)).toEqual(["other", "next-missing", "next-other", "too-early"]);
});
