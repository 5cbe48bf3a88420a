// What each reason of a relay means for the event that it refused.

import { describe, expect, it } from "vitest";
import { judgeOk } from "../../../durable-objects/bunker/relay-links/ok-verdict.ts";

describe("an OK", () => {
  it.each([
    [true, "", "ok"],
    [true, "duplicate: already have it", "ok"],
    [false, "duplicate: already have it", "ok"],
    [false, "auth-required: say who you are", "auth"],
    [false, "rate-limited: slow down", "retry"],
    [false, "error: the disk is full", "retry"],
    [false, "mute: no one was listening for this", "gone"],
    [false, "invalid: event too large: 70000", "too-large"],
    [false, "invalid: event is larger than 65536 bytes", "too-large"],
    [false, "error: message exceeds the limit", "too-large"],
    [false, "blocked: content length exceeds 8196", "too-large"],
    [false, "invalid: bad signature", "refused"],
    [false, "blocked: not on the list", "refused"],
    [false, "pow: difficulty 25 is needed", "refused"],
    [false, "restricted: members only", "refused"],
    [false, "", "refused"],
    [false, "no prefix at all", "refused"],
  ] as const)("%s with %j means %s", (accepted, message, verdict) => {
    expect(judgeOk(accepted, message)).toBe(verdict);
  });
});
