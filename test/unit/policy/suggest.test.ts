// "Make a rule from this": the rule reaches the request that it was made from, and little else.

import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../../src/policy/document.ts";
import { addRule } from "../../../src/policy/form/actions.ts";
import { documentOf, fieldsOf } from "../../../src/policy/form/form.ts";
import type { Question } from "../../../src/policy/question.ts";
import { suggestRule, type Seen } from "../../../src/policy/suggest.ts";
import { decrypt, encrypt, note, profile, reaction, relayLogin, sign, table, webLogin } from "./policy-table.ts";

function policyFrom(seen: Seen) {
  const fields = addRule(fieldsOf({ name: "p", rules: [] }), suggestRule(seen) ?? {}).fields;
  const parsed = parsePolicy(documentOf(fields));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

describe("a rule from a request", () => {
  test.each<[Question, Question]>([
    [note(), reaction()],
    [profile(), note()],
    [sign(31_337), note()],
    [encrypt(), decrypt()],
    [decrypt(), encrypt()],
    [webLogin("https://a.example/x"), webLogin("https://b.example/x")],
    [relayLogin("wss://a.example"), relayLogin("wss://b.example")],
  ])("allows it with a limit, and not another: %j", (seen, other) => {
    const policy = policyFrom(seen);
    table(policy).allow(seen);
    table(policy).deny(other);
    expect(policy.rules[0]?.document).toMatchObject({ effect: "allow", budgets: [{ max: 10, per: "hour" }], over: "ask" });
  });

  test("is made of what is left of one that was wiped", () => {
    table(policyFrom({ method: "sign_event", kind: 7 })).allow(reaction());
    table(policyFrom({ method: "nip44_encrypt" })).allow(encrypt());
  });

  test("is not made of what no rule is about", () => {
    for (const method of ["connect", "ping", "invite.create", "sign_event"]) expect(suggestRule({ method })).toBeUndefined();
  });
});
