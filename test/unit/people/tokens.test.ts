// API tokens and the setup token as text: what is spelled like one, what fits, what never does.

import { randomBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSetupToken, MIN_SETUP_TOKEN_CHARACTERS } from "../../../src/people/setup-token.ts";
import { fitsTokenHash, newToken, parseToken, tokenHash } from "../../../src/people/tokens.ts";

const hashKey = new Uint8Array(32).fill(7);

describe("an API token", () => {
  it("carries its id and 256 random bits, and is read back", () => {
    const { text, id, tokenSecret } = newToken(randomBytes);
    expect(text).toMatch(/^cst_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    expect(parseToken(text)).toEqual({ id, tokenSecret });
    expect(new Set(Array.from({ length: 100 }, () => newToken(randomBytes).tokenSecret)).size).toBe(100);
  });

  it("fits its own hash alone", () => {
    const token = newToken(randomBytes);
    const hash = tokenHash(hashKey, token);
    expect(fitsTokenHash(hashKey, token, hash)).toBe(true);
    expect(fitsTokenHash(hashKey, { ...token, tokenSecret: newToken(randomBytes).tokenSecret }, hash)).toBe(false);
    expect(fitsTokenHash(hashKey, { ...token, id: newToken(randomBytes).id }, hash)).toBe(false);
    expect(fitsTokenHash(new Uint8Array(32).fill(8), token, hash)).toBe(false);
  });

  it("is not found in any other text", () => {
    const { text } = newToken(randomBytes);
    for (const wrong of [
      "",
      "cst__",
      text.toUpperCase(),
      ` ${text}`,
      `${text}\n`,
      text.slice(0, -1),
      `${text}A`,
      text.replace("cst", "CST"),
    ]) {
      expect(parseToken(wrong)).toBeUndefined();
    }
    fc.assert(fc.property(fc.string(), (any) => parseToken(any) === undefined));
  });
});

describe("the setup token", () => {
  const setupToken = "an operator's own token";

  it("fits itself and nothing else", () => {
    expect(isSetupToken(setupToken, setupToken)).toBe(true);
    for (const wrong of ["", setupToken.slice(1), `${setupToken} `, setupToken.toUpperCase()])
      expect(isSetupToken(wrong, setupToken)).toBe(false);
  });

  it("never authenticates while it is unset, empty or short, not even against itself", () => {
    expect(isSetupToken("", undefined)).toBe(false);
    expect(isSetupToken("undefined", undefined)).toBe(false);
    expect(isSetupToken("", "")).toBe(false);
    const short = "x".repeat(MIN_SETUP_TOKEN_CHARACTERS - 1);
    expect(isSetupToken(short, short)).toBe(false);
    expect(isSetupToken(`${short}x`, `${short}x`)).toBe(true);
  });
});
