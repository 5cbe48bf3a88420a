// A deployment's settings: each that is missing or wrong is called by its name, and its value by none.

import { describe, expect, it } from "vitest";
import { isKeyServiceName, KEY_SERVICES } from "../../../../src/sealing/providers/configured.ts";
import { KeyServiceError } from "../../../../src/sealing/providers/provider.ts";
import { providerFor } from "./support.ts";

const AWS = {
  SEALING: "aws-kms",
  AWS_KMS_KEY_ID: "alias/bunkers",
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKIATEST",
  AWS_SECRET_ACCESS_KEY: "a very secret value",
};
const ACCOUNT = { client_email: "a@example.org", private_key: "a very secret value", private_key_id: "1" };
const GCP = {
  SEALING: "gcp-kms",
  GCP_KMS_KEY: "projects/p/locations/global/keyRings/r/cryptoKeys/k",
  GCP_SERVICE_ACCOUNT: JSON.stringify(ACCOUNT),
};
const VAULT = {
  SEALING: "vault",
  VAULT_ADDR: "https://vault.example.org:8200/",
  VAULT_TOKEN: "a-very-secret-value",
  VAULT_TRANSIT_KEY: "bunkers",
};

function problemOf(settings: Readonly<Record<string, string>>): string {
  try {
    providerFor(settings);
  } catch (error) {
    expect(error).toBeInstanceOf(KeyServiceError);
    expect((error as KeyServiceError).kind).toBe("misconfigured");
    return (error as KeyServiceError).message;
  }
  return "none";
}

describe("settings that are whole", () => {
  it.each([AWS, GCP, VAULT])("make the provider $SEALING", (settings) => {
    expect(providerFor(settings).name).toBe(settings.SEALING);
  });

  it("may name an endpoint on this very machine by plain http", () => {
    for (const host of ["localhost:8200", "127.0.0.1", "[::1]:1"]) {
      expect(problemOf({ ...VAULT, VAULT_ADDR: `http://${host}` })).toBe("none");
      expect(problemOf({ ...AWS, AWS_KMS_ENDPOINT: `http://${host}` })).toBe("none");
    }
  });

  it("are known by name", () => {
    expect(KEY_SERVICES.every(isKeyServiceName)).toBe(true);
    expect(["root", "", "aws", "toString"].some(isKeyServiceName)).toBe(false);
  });
});

describe("settings that are not", () => {
  it.each([AWS, GCP, VAULT])("say which of them are missing for $SEALING", (settings) => {
    const names = Object.keys(settings).filter((name) => name !== "SEALING");
    for (const name of names) {
      expect(problemOf({ ...settings, [name]: " " })).toBe(`the provider ${settings.SEALING} needs ${name}`);
    }
    expect(problemOf({ SEALING: settings.SEALING })).toBe(`the provider ${settings.SEALING} needs ${names.join(", ")}`);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["AWS_REGION", { ...AWS, AWS_REGION: "Frankfurt" }],
    ["AWS_REGION", { ...AWS, AWS_REGION: "evil.example.org/" }],
    ["AWS_KMS_KEY_ID and AWS_REGION", { ...AWS, AWS_KMS_KEY_ID: "arn:aws:kms:us-east-1:1:key/2" }],
    ["AWS_ACCESS_KEY_ID", { ...AWS, AWS_ACCESS_KEY_ID: "two words" }],
    ["AWS_KMS_ENDPOINT", { ...AWS, AWS_KMS_ENDPOINT: "http://kms.example.org" }],
    ["AWS_KMS_ENDPOINT", { ...AWS, AWS_KMS_ENDPOINT: "https://user:word@kms.example.org" }],
    ["GCP_KMS_KEY", { ...GCP, GCP_KMS_KEY: "bunkers" }],
    ["GCP_KMS_KEY", { ...GCP, GCP_KMS_KEY: `${GCP.GCP_KMS_KEY}/../k` }],
    ["GCP_SERVICE_ACCOUNT", { ...GCP, GCP_SERVICE_ACCOUNT: "{" }],
    ["GCP_SERVICE_ACCOUNT", { ...GCP, GCP_SERVICE_ACCOUNT: JSON.stringify({ ...ACCOUNT, private_key: 7 }) }],
    ["GCP_KMS_ENDPOINT", { ...GCP, GCP_KMS_ENDPOINT: "http://10.0.0.1" }],
    ["GCP_TOKEN_ENDPOINT", { ...GCP, GCP_TOKEN_ENDPOINT: "ftp://example.org" }],
    ["VAULT_ADDR", { ...VAULT, VAULT_ADDR: "http://vault.example.org:8200" }],
    ["VAULT_ADDR", { ...VAULT, VAULT_ADDR: "http://localhost.example.org" }],
    ["VAULT_ADDR", { ...VAULT, VAULT_ADDR: "vault" }],
    ["VAULT_TOKEN", { ...VAULT, VAULT_TOKEN: "two\nlines" }],
    ["VAULT_TRANSIT_KEY", { ...VAULT, VAULT_TRANSIT_KEY: "a/b" }],
    ["VAULT_TRANSIT_MOUNT", { ...VAULT, VAULT_TRANSIT_MOUNT: "../sys" }],
  ])("are called by their name: %s", (name, settings) => {
    const problem = problemOf(settings);
    expect(problem.startsWith(`${name}: expected`) || problem.startsWith(`${name}: the key's`)).toBe(true);
    expect(problem).not.toContain("secret value");
    expect(problem).not.toContain("secret-value");
  });

  it("include a private key that is none, which only the first use can tell", async () => {
    await expect(providerFor(GCP).newDataKey({ bunkerId: "a1" })).rejects.toMatchObject({
      kind: "misconfigured",
      message: "GCP_SERVICE_ACCOUNT: expected an RSA private_key in PEM (PKCS #8)",
    });
  });
});
