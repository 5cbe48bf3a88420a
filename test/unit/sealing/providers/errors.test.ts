// What is told when a key service says no: what to put right, in the words of the service's own permissions and of our variables.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { KeyServicePorts } from "../../../../src/sealing/providers/key-service.ts";
import { startAwsServer, type AwsServer } from "../../../support/key-services/aws-server.ts";
import { startGcpServer, type GcpServer } from "../../../support/key-services/gcp-server.ts";
import { startVaultServer, type VaultServer } from "../../../support/key-services/vault-server.ts";
import { failure, Ports, providerFor } from "./support.ts";

const HERE = { bunkerId: "a1".repeat(32) };

describe("aws-kms", () => {
  let server: AwsServer;
  beforeAll(async () => {
    server = await startAwsServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.behave("well");
    server.setState(server.keyArn, "Enabled");
  });
  const asked = (change: Readonly<Record<string, string>>) => failure(providerFor({ ...server.settings, ...change }).newDataKey(HERE));

  it("signs so that AWS's own signer agrees, in any region", async () => {
    const elsewhere = await startAwsServer("us-gov-west-1");
    expect((await providerFor(elsewhere.settings).newDataKey(HERE)).keyId).toBe(elsewhere.keyArn);
    await elsewhere.stop();
  });

  it("dates each try, so that a slow first one does not spoil the second", async () => {
    const ports = new Ports();
    const dates: (string | undefined)[] = [];
    const exchange: KeyServicePorts["exchange"] = async (request) => {
      dates.push(request.headers["x-amz-date"]);
      ports.clock += 5_000;
      throw new Error("cut");
    };
    await failure(providerFor(server.settings, { now: ports.now, exchange }).newDataKey(HERE));
    expect(new Set(dates).size).toBe(2);
  });

  it("takes the key by its id, and keeps the ARN that AWS answers", async () => {
    const id = server.keyArn.split("/").at(-1) ?? "";
    expect((await providerFor({ ...server.settings, AWS_KMS_KEY_ID: id }).newDataKey(HERE)).keyId).toBe(server.keyArn);
  });

  it("moves a data key to another key by ReEncrypt, and goes on opening with the one that the record names", async () => {
    const before = providerFor(server.settings);
    const made = await before.newDataKey(HERE);
    const other = server.addKey();
    const after = providerFor({ ...server.settings, AWS_KMS_KEY_ID: other });
    expect(await after.openDataKey(made.wrapped, made, HERE)).toEqual(made.dataKey);
    server.asked.length = 0;
    const moved = await after.rewrap(made.wrapped, made, HERE);
    expect(server.asked.map(({ operation }) => operation)).toEqual(["ReEncrypt"]);
    expect(moved.keyId).toBe(other);
    expect(await after.openDataKey(moved.wrapped, moved, HERE)).toEqual(made.dataKey);
    expect(await failure(after.openDataKey(moved.wrapped, made, HERE)), "under the old name").toMatchObject({ kind: "corrupt" });
  });

  it.each([
    ["Disabled", "the key is disabled: enable it (GenerateDataKey, DisabledException)"],
    ["PendingDeletion", "the state of the key does not allow it"],
  ] as const)("names the state of a key that is %s", async (state, words) => {
    server.setState(server.keyArn, state);
    const error = await asked({});
    expect(error.kind).toBe("denied");
    expect(error.message).toContain(words);
  });

  it("names the permission that is missing", async () => {
    const provider = providerFor(server.settings);
    const made = await provider.newDataKey(HERE);
    server.behave("denying");
    expect((await failure(provider.newDataKey(HERE))).message).toContain("allow kms:GenerateDataKey to the owner of AWS_ACCESS_KEY_ID");
    expect((await failure(provider.openDataKey(made.wrapped, made, HERE))).message).toContain("allow kms:Decrypt");
    expect((await failure(provider.rewrap(made.wrapped, made, HERE))).message).toContain("kms:ReEncryptTo");
  });

  it.each([
    ["AWS_SECRET_ACCESS_KEY", "another-secret", "check AWS_SECRET_ACCESS_KEY and AWS_REGION"],
    ["AWS_ACCESS_KEY_ID", "AKIAOTHER", "AWS does not know AWS_ACCESS_KEY_ID"],
    ["AWS_KMS_KEY_ID", "00000000-0000-4000-8000-000000000000", "AWS_KMS_KEY_ID and AWS_REGION must belong together"],
  ])("names %s when it is wrong", async (variable, value, words) => {
    const error = await asked({ [variable]: value });
    expect(error.kind).toBe("misconfigured");
    expect(error.message).toContain(words);
  });
});

describe("gcp-kms", () => {
  let server: GcpServer;
  beforeEach(async () => {
    server = await startGcpServer();
    return () => server.stop();
  });

  it("asks for a token once an hour, by an assertion that jose verifies", async () => {
    const ports = new Ports();
    const provider = providerFor(server.settings, ports);
    for (let call = 0; call < 3; call += 1) await provider.newDataKey(HERE);
    expect(server.asked.map(({ operation }) => operation)).toEqual(["token", "encrypt", "encrypt", "encrypt"]);
    // The service's own clock goes on with ours: an assertion of tomorrow is none today.
    ports.clock += 3_540_000;
    expect((await failure(provider.newDataKey(HERE))).message).toContain("Google does not take the service account's key");
    expect(server.asked.at(-1)?.operation).toBe("token");
  });

  it("takes a fresh token when the kept one is not taken any more", async () => {
    const provider = providerFor(server.settings);
    const made = await provider.newDataKey(HERE);
    server.revokeTokens();
    expect(await provider.openDataKey(made.wrapped, made, HERE)).toEqual(made.dataKey);
  });

  it("names the version that wrapped, opens with older ones, and moves to the newest", async () => {
    const provider = providerFor(server.settings);
    const made = await provider.newDataKey(HERE);
    server.rotate();
    expect(await provider.openDataKey(made.wrapped, made, HERE)).toEqual(made.dataKey);
    const moved = await provider.rewrap(made.wrapped, made, HERE);
    expect([made.keyVersion, moved.keyVersion]).toEqual(["1", "2"]);
    server.disable(1);
    const error = await failure(provider.openDataKey(made.wrapped, made, HERE));
    expect(error).toMatchObject({ kind: "denied" });
    expect(error.message).toContain("the version of the key is disabled or destroyed: enable it");
    expect(await provider.openDataKey(moved.wrapped, moved, HERE)).toEqual(made.dataKey);
  });

  it("names the role that is missing, and the account whose key is gone", async () => {
    const provider = providerFor(server.settings);
    await provider.newDataKey(HERE);
    server.behave("denying");
    expect((await failure(provider.newDataKey(HERE))).message).toContain(
      "the role Cloud KMS CryptoKey Encrypter/Decrypter on the key in GCP_KMS_KEY",
    );
    server.behave("well");
    server.forgetAccount();
    const error = await failure(provider.newDataKey(HERE));
    expect(error).toMatchObject({ kind: "misconfigured" });
    expect(error.message).toContain("check GCP_SERVICE_ACCOUNT");
  });

  it("names the key that does not exist, and asks for none that a record makes up", async () => {
    const other = server.keyName.replace("users", "others");
    expect((await failure(providerFor({ ...server.settings, GCP_KMS_KEY: other }).newDataKey(HERE))).message).toContain(
      "the key does not exist",
    );
    const provider = providerFor(server.settings);
    const made = await provider.newDataKey(HERE);
    server.asked.length = 0;
    const climbing = { ...made, keyId: `${server.keyName}/../../../../x` };
    expect(await failure(provider.openDataKey(made.wrapped, climbing, HERE))).toMatchObject({ kind: "corrupt" });
    expect(server.asked).toEqual([]);
  });
});

describe("vault", () => {
  let server: VaultServer;
  beforeEach(async () => {
    server = await startVaultServer();
    return () => server.stop();
  });

  it("refuses a key that is not derived before it wraps anything: Vault would ignore the context without a word", async () => {
    server.addKey("plain", { derived: false });
    const provider = providerFor({ ...server.settings, VAULT_TRANSIT_KEY: "plain" });
    const error = await failure(provider.newDataKey(HERE));
    expect(error).toMatchObject({ kind: "misconfigured" });
    expect(error.message).toContain("derived=true");
    expect(server.asked.map(({ operation }) => operation)).toEqual(["keys"]);
    const made = await providerFor(server.settings).newDataKey(HERE);
    expect(await failure(provider.rewrap(made.wrapped, made, HERE))).toMatchObject({ kind: "misconfigured" });
  });

  it("rewraps inside Vault to the key's newest version", async () => {
    const provider = providerFor(server.settings);
    const made = await provider.newDataKey(HERE);
    server.rotate("bunkers");
    server.asked.length = 0;
    const moved = await provider.rewrap(made.wrapped, made, HERE);
    expect(server.asked.map(({ operation }) => operation)).toEqual(["keys", "rewrap"]);
    expect([made.keyVersion, moved.keyVersion]).toEqual(["1", "2"]);
    server.setMinDecryptionVersion("bunkers", 2);
    expect(await provider.openDataKey(moved.wrapped, moved, HERE)).toEqual(made.dataKey);
    const error = await failure(provider.openDataKey(made.wrapped, made, HERE));
    expect(error).toMatchObject({ kind: "denied" });
    expect(error.message).toContain("min_decryption_version");
  });

  it("moves to another key, and goes on opening with the one that the record names", async () => {
    const made = await providerFor(server.settings).newDataKey(HERE);
    server.addKey("bunkers-2");
    const after = providerFor({ ...server.settings, VAULT_TRANSIT_KEY: "bunkers-2" });
    expect(await after.openDataKey(made.wrapped, made, HERE)).toEqual(made.dataKey);
    const moved = await after.rewrap(made.wrapped, made, HERE);
    expect(moved.keyId).toBe("transit/bunkers-2");
    expect(await after.openDataKey(moved.wrapped, moved, HERE)).toEqual(made.dataKey);
  });

  it("names the capability that is missing, and the key that does not exist", async () => {
    const wrongToken = providerFor({ ...server.settings, VAULT_TOKEN: "hvs.other" });
    const error = await failure(wrongToken.newDataKey(HERE));
    expect(error).toMatchObject({ kind: "denied" });
    expect(error.message).toContain('VAULT_TOKEN has ended or lacks the capability "read" on <mount>/keys/<key>');
    const noKey = providerFor({ ...server.settings, VAULT_TRANSIT_KEY: "nobody" });
    expect((await failure(noKey.newDataKey(HERE))).message).toContain("check VAULT_TRANSIT_KEY and VAULT_TRANSIT_MOUNT");
    const noMount = providerFor({ ...server.settings, VAULT_TRANSIT_MOUNT: "elsewhere" });
    expect((await failure(noMount.newDataKey(HERE))).message).toContain("check VAULT_TRANSIT_KEY and VAULT_TRANSIT_MOUNT");
  });

  it("asks at no path that a record makes up", async () => {
    const provider = providerFor(server.settings);
    const made = await provider.newDataKey(HERE);
    server.asked.length = 0;
    for (const keyId of ["transit/../sys/seal", "transit", "/bunkers", "transit/bunkers?x"]) {
      expect(await failure(provider.openDataKey(made.wrapped, { ...made, keyId }, HERE))).toMatchObject({ kind: "corrupt" });
    }
    expect(server.asked).toEqual([]);
  });
});
