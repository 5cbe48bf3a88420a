// Who may connect, as a table that an operator could read.

import { describe, expect, test } from "vitest";
import { judgeConnect, type ConnectAttempt, type ConnectVerdict } from "../../../src/signer/connect.ts";

const GOOD = { open: true, secretFits: true, confirm: false };
const stranger: ConnectAttempt = { locked: false, known: undefined, invite: GOOD, full: false };

function outcome(change: Partial<ConnectAttempt>): string {
  const verdict: ConnectVerdict = judgeConnect({ ...stranger, ...change });
  return verdict.kind === "admit" ? `admit ${verdict.state}` : verdict.kind;
}

describe("a client that is not connected", () => {
  test.each<[string, Partial<ConnectAttempt>, string]>([
    ["with a good secret is let in", {}, "admit active"],
    ["with a good secret of an invite that wants confirmation waits", { invite: { ...GOOD, confirm: true } }, "admit waiting"],
    ["with a wrong secret is refused", { invite: { ...GOOD, secretFits: false } }, "refuse-stranger"],
    ["with the secret of a used or expired invite is refused", { invite: { ...GOOD, open: false } }, "refuse-stranger"],
    ["at a key without an invite is refused", { invite: undefined }, "refuse-stranger"],
    ["at a locked bunker is refused", { locked: true }, "refuse-stranger"],
    ["at a full bunker is refused", { full: true }, "refuse-stranger"],
  ])("%s", (_name, change, expected) => {
    expect(outcome(change)).toBe(expected);
  });

  test("hears the same words for a wrong, a used and an absent invite", () => {
    const errors = [{ ...GOOD, secretFits: false }, { ...GOOD, open: false }, undefined].map((invite) => {
      const verdict = judgeConnect({ ...stranger, invite });
      return verdict.kind === "refuse-stranger" ? verdict.error : verdict.kind;
    });
    expect(new Set(errors).size).toBe(1);
    expect(errors[0]).toMatch(/^not connected: /);
  });

  test("learns of a lock only with a good secret", () => {
    const error = (invite: ConnectAttempt["invite"]) => {
      const verdict = judgeConnect({ ...stranger, locked: true, invite });
      return "error" in verdict ? verdict.error : "";
    };
    expect(error(GOOD)).toMatch(/^temporarily unavailable: /);
    expect(error({ ...GOOD, secretFits: false })).toMatch(/^not connected: /);
  });
});

describe("a client that is known", () => {
  test.each<[NonNullable<ConnectAttempt["known"]>, Partial<ConnectAttempt>, string]>([
    ["active", {}, "again"],
    ["active", { invite: { open: false, secretFits: false, confirm: false } }, "again"],
    ["active", { invite: undefined, full: true }, "again"],
    ["active", { locked: true }, "refuse-known"],
    ["waiting", {}, "still-waiting"],
    ["suspended", {}, "refuse-known"],
    ["revoked", {}, "refuse-known"],
    ["revoked", { invite: { ...GOOD, open: true } }, "refuse-known"],
    ["expired", {}, "refuse-known"],
  ])("%s, %j: %s", (known, change, expected) => {
    expect(outcome({ known, ...change })).toBe(expected);
  });
});
