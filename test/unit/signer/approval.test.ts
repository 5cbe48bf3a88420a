// What people approve, and when that is enough.

import { describe, expect, it } from "vitest";
import type { Asking, Question } from "../../../src/policy/question.ts";
import {
  fingerprintOf,
  isSatisfied,
  isWithinReach,
  payloadHash,
  strengthFor,
  stricterOf,
  tally,
  whyNoVote,
  type Demand,
  type Person,
  type Vote,
} from "../../../src/signer/approval.ts";

const asking = (changes: Partial<Asking> = {}): Asking => ({
  rule: "bait",
  need: 1,
  from: ["owner", "approver"],
  withinSeconds: 86_400,
  passkey: false,
  notRequester: false,
  ...changes,
});
const person = (accountId: string, role: Person["role"] = "approver"): Person => ({
  accountId,
  email: `${accountId}@x.org`,
  role,
  hasPasskey: false,
});
const approve = (accountId: string, changes: Partial<Vote> = {}): Vote => ({
  accountId,
  vote: "approve",
  strength: "link",
  rules: ["bait"],
  acknowledged: [],
  ...changes,
});
const demand = (askings: readonly Asking[], changes: Partial<Demand> = {}): Demand => ({
  askings,
  requester: undefined,
  strength: "link",
  critical: [],
  ...changes,
});
const [ana, ben, vera] = [person("ana", "owner"), person("ben"), person("vera", "viewer")];

const satisfied = (of: Demand, votes: readonly Vote[], people = [ana, ben, vera]) => isSatisfied(tally(of, votes, people));

describe("a quorum", () => {
  it("is met by as many people as it needs, each once, and by nobody without the role", () => {
    const two = demand([asking({ need: 2 })]);
    expect(satisfied(two, [approve("ana")])).toBe(false);
    expect(satisfied(two, [approve("ana"), approve("ana")])).toBe(false);
    expect(satisfied(two, [approve("ana"), approve("vera")])).toBe(false);
    expect(satisfied(two, [approve("ana"), approve("stranger")])).toBe(false);
    expect(satisfied(two, [approve("ana"), approve("ben")])).toBe(true);
  });

  it("is not met by rejections, nor by nothing where nothing is asked", () => {
    expect(satisfied(demand([asking()]), [approve("ana", { vote: "reject" })])).toBe(false);
    expect(satisfied(demand([]), [approve("ana")])).toBe(false);
  });

  it("counts votes for rules that were shown, with what must be ticked, and as sure as is wanted", () => {
    expect(satisfied(demand([asking({ rule: "other" })]), [approve("ana")])).toBe(false);
    expect(satisfied(demand([asking()], { critical: ["lost-412"] }), [approve("ana", { acknowledged: ["lost-411"] })])).toBe(false);
    expect(satisfied(demand([asking()], { critical: ["lost-412"] }), [approve("ana", { acknowledged: ["lost-412"] })])).toBe(true);
    expect(satisfied(demand([asking()], { strength: "passkey" }), [approve("ana", { strength: "signed-in" })])).toBe(false);
  });

  it("leaves out whoever made the connection, in that rule alone", () => {
    const of = demand([asking({ notRequester: true }), asking({ rule: "notes" })], { requester: "ana" });
    const [bait, notes] = tally(of, [approve("ana", { rules: ["bait", "notes"] })], [ana, ben]);
    expect([bait?.counted, notes?.counted]).toEqual([[], ["ana"]]);
    expect(whyNoVote(ana, demand([asking({ notRequester: true })], { requester: "ana" }))).toBe("requester");
    expect(whyNoVote(vera, of)).toBe("role");
  });

  it("is out of reach when there are too few left who could give it", () => {
    const reach = (of: Demand, people: readonly Person[]) => isWithinReach(tally(of, [], people));
    expect(reach(demand([asking({ need: 2 })]), [ana, ben])).toBe(true);
    expect(reach(demand([asking({ need: 2 })]), [ana, vera])).toBe(false);
    expect(reach(demand([asking(), asking({ rule: "x", from: ["admin"] })]), [ana, ben])).toBe(false);
  });
});

describe("what was shown and what is in force", () => {
  it("hold both, each as strict as the stricter", () => {
    const shown = [asking({ need: 2, from: ["owner", "approver"], vetoAfterSeconds: 600 })];
    const current = [asking({ need: 1, from: ["approver", "admin"], passkey: true }), asking({ rule: "new" })];
    expect(stricterOf(shown, current)).toEqual([asking({ need: 2, from: ["approver"], passkey: true }), asking({ rule: "new" })]);
    expect(stricterOf(shown, [])).toEqual(shown);
  });

  it("want a passkey where any rule does, whatever the bunker's setting", () => {
    expect(strengthFor([asking(), asking({ passkey: true })], "link")).toBe("passkey");
    expect(strengthFor([asking()], "signed-in")).toBe("signed-in");
  });
});

describe("a payload's hash", () => {
  const key = new Uint8Array(32).fill(7);
  const event = { kind: 1, content: "hello", tags: [], created_at: 1 };
  const hash = (question: Question, rest: { key?: Uint8Array; bunker?: string; connection?: string; ciphertext?: string } = {}) =>
    payloadHash(rest.key ?? key, rest.bunker ?? "b", rest.connection ?? "c", question, rest.ciphertext);
  const sign = (changes: object = {}): Question => ({ method: "sign_event", event: { ...event, ...changes } });
  const counterparty = "ab".repeat(32) as never;

  it("differs with everything that is asked for, with who asks, and with the key", () => {
    const all = [
      hash(sign()),
      hash(sign({ kind: 2 })),
      hash(sign({ content: "hello " })),
      hash(sign({ tags: [["t", "x"]] })),
      hash(sign({ created_at: 2 })),
      hash(sign(), { bunker: "other" }),
      hash(sign(), { connection: "other" }),
      hash(sign(), { key: new Uint8Array(32).fill(8) }),
      hash({ method: "nip44_encrypt", counterparty, plaintext: "x" }),
      hash({ method: "nip04_encrypt", counterparty, plaintext: "x" }),
      hash({ method: "nip44_decrypt", counterparty, sealAuthor: "none" }, { ciphertext: "x" }),
      hash({ method: "nip44_decrypt", counterparty, sealAuthor: "none" }, { ciphertext: "y" }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("is the same for the same, whoever was found to have sealed what is inside", () => {
    expect(hash(sign())).toBe(hash(sign()));
    const read = (sealAuthor: "none" | "unopened") => hash({ method: "nip44_decrypt", counterparty, sealAuthor }, { ciphertext: "x" });
    expect(read("none")).toBe(read("unopened"));
  });

  it("is compared by its beginning", () => {
    expect(fingerprintOf("7f3a91c204be00ff")).toBe("7f3a 91c2 04be");
  });
});
