import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { claimCode, claimLink, isClaimCode } from "../../../src/people/claim-code.ts";

const SETUP_TOKEN = "a-setup-token-for-this-test";

describe("the claim code", () => {
  it("is the first 100 bits of HMAC-SHA-256 over its label, in Crockford's base32", () => {
    const digest = createHmac("sha256", SETUP_TOKEN).update("countersign/claim-code/v1").digest("hex");
    const bits = BigInt(`0x${digest.slice(0, 25)}`)
      .toString(2)
      .padStart(100, "0");
    const letters = (bits.match(/.{5}/g) ?? []).map((five) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[Number.parseInt(five, 2)]).join("");
    expect(claimCode(SETUP_TOKEN)).toBe(letters.replace(/(.{5})(?=.)/g, "$1-"));
  });

  it("has four groups of five letters and differs between tokens", () => {
    expect(claimCode(SETUP_TOKEN)).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$/);
    expect(claimCode(`${SETUP_TOKEN}2`)).not.toBe(claimCode(SETUP_TOKEN));
  });

  it("is taken in small letters, with spaces, without hyphens, and with the letters that look like digits", () => {
    const code = claimCode(SETUP_TOKEN);
    expect(isClaimCode(code, SETUP_TOKEN)).toBe(true);
    expect(isClaimCode(` ${code.toLowerCase().replaceAll("-", " ")} `, SETUP_TOKEN)).toBe(true);
    expect(isClaimCode(code.replaceAll("0", "O").replaceAll("1", "l"), SETUP_TOKEN)).toBe(true);
  });

  it("is refused when a letter differs, is missing or is too many, and for another token", () => {
    const code = claimCode(SETUP_TOKEN);
    const last = code.endsWith("Z") ? "Y" : "Z";
    expect(isClaimCode(code.slice(0, -1) + last, SETUP_TOKEN)).toBe(false);
    expect(isClaimCode(code.slice(0, -1), SETUP_TOKEN)).toBe(false);
    expect(isClaimCode(`${code}0`, SETUP_TOKEN)).toBe(false);
    expect(isClaimCode("", SETUP_TOKEN)).toBe(false);
    expect(isClaimCode(code, `${SETUP_TOKEN}2`)).toBe(false);
  });

  it("goes into the claim link, the token does not", () => {
    const link = claimLink("https://sign.example/", SETUP_TOKEN);
    expect(link).toBe(`https://sign.example/claim?code=${claimCode(SETUP_TOKEN)}`);
    expect(link).not.toContain(SETUP_TOKEN);
  });
});
