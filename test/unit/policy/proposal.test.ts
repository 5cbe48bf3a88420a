// What an app asks for becomes the narrowest policy that a person may start from, and grants nothing by itself.

import { expect, test } from "vitest";
import { parsePermissions } from "../../../src/protocol/permission.ts";
import { parsePolicy } from "../../../src/policy/document.ts";
import { proposePolicy } from "../../../src/policy/proposal.ts";
import type { Effect } from "../../../src/policy/question.ts";
import { decrypt, decrypt04, deletion, encrypt, encrypt04, note, policyOf, profile, reaction, sign, table, USER } from "./policy-table.ts";

const propose = (perms: string, choices?: Record<string, Effect>) => proposePolicy("app", parsePermissions(perms), choices);
const tableOf = (perms: string, choices?: Record<string, Effect>) => table(policyOf(propose(perms, choices).document));

test("ordinary kinds are allowed within limits, what is protected asks, what was not asked for is denied", () => {
  const { allow, ask, deny } = tableOf("sign_event:1,sign_event:7,sign_event:0,nip44_encrypt,nip44_decrypt,get_public_key");
  allow(note(), reaction(), encrypt());
  ask(profile(), decrypt());
  deny(deletion(), sign(6), encrypt04(), decrypt04(), encrypt("x", USER));
});

test("a bare sign_event opens nothing: what no rule covers asks", () => {
  const { allow, ask } = tableOf("sign_event,sign_event:1");
  allow(note());
  ask(reaction(), profile(), decrypt());
});

test("what nobody here has a word for asks", () => {
  tableOf("sign_event:31337").ask(sign(31_337));
  expect(propose("sign_event:31337,sign_event:0").lines.map(({ words }) => words)).toEqual([
    "Sign something unknown (kind 31337)",
    "Sign the profile",
  ]);
});

test("nothing asked, nothing allowed", () => {
  tableOf("").deny(note(), encrypt(), decrypt());
});

test("junk adds nothing", () => {
  const { document } = propose(
    "sign_event:abc, ,SIGN_EVENT:1,sign_event:70000,sign_event:1:2,eval,nip44_decrypt:abc,__proto__,constructor",
  );
  expect(document).toEqual({ name: "app", default: "deny", rules: [] });
});

test("each permission is a line with our proposal", () => {
  expect(propose("ping,sign_event:1,sign_event:5,nip04_decrypt,launch_rocket,sign_event").lines).toEqual([
    { permission: "ping", words: "Ask whether anybody is there: every connected app may" },
    { permission: "sign_event:1", words: "Sign notes", effect: "allow" },
    { permission: "sign_event:5", words: "Sign deletions", effect: "ask" },
    { permission: "nip04_decrypt", words: "Read private messages in the old format", effect: "ask" },
    { permission: "launch_rocket", words: "Not known here" },
    { permission: "sign_event", words: "Sign anything (the app names no kind)", effect: "ask" },
  ]);
});

test("a person's choices win, and protected kinds are then listed outright", () => {
  const { allow, ask, deny } = tableOf("sign_event:1,sign_event:0,sign_event:7,nip44_decrypt", {
    "sign_event:0": "allow",
    "sign_event:1": "ask",
    "sign_event:7": "deny",
    nip44_decrypt: "allow",
  });
  allow(profile(), decrypt());
  ask(note());
  deny(reaction());
});

test("every proposal is a valid document, and everything that it allows has a limit", () => {
  const perms = "sign_event,sign_event:0,sign_event:1,sign_event:22242,nip04_encrypt,nip04_decrypt,nip44_encrypt,nip44_decrypt";
  for (const effect of ["allow", "ask", "deny"] as const) {
    const choices = Object.fromEntries(perms.split(",").map((permission) => [permission, effect]));
    const parsed = parsePolicy(propose(perms, choices).document);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    for (const { document } of parsed.policy.rules) if (document.effect === "allow") expect(document.budgets?.length).toBeGreaterThan(0);
  }
});
