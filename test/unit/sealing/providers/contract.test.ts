// What every key service must be to us, said once and asked of all three, each played by a server of its own that follows its documentation.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FAILURES_BEFORE_PAUSE, PAUSE_MS, TRY_MS } from "../../../../src/sealing/providers/key-service.ts";
import type { KeyProvider } from "../../../../src/sealing/providers/provider.ts";
import { openUserKey, parseUserKeyRecord, sealUserKey } from "../../../../src/sealing/user-key.ts";
import { startAwsServer } from "../../../support/key-services/aws-server.ts";
import { startGcpServer } from "../../../support/key-services/gcp-server.ts";
import type { KeyServer } from "../../../support/key-services/key-server.ts";
import { startVaultServer } from "../../../support/key-services/vault-server.ts";
import { everythingShownOf, holdsBytes, sampleBytes, sampleRandom, sampleRoot } from "../../../support/sealing-samples.ts";
import { failure, Ports, providerFor } from "./support.ts";

const HERE = { bunkerId: "a1".repeat(32) };
const ELSEWHERE = { bunkerId: "b2".repeat(32) };

type Server = KeyServer & { readonly settings: Readonly<Record<string, string>> };

const SERVICES: readonly (readonly [string, () => Promise<Server>])[] = [
  ["aws-kms", () => startAwsServer()],
  ["gcp-kms", startGcpServer],
  ["vault", startVaultServer],
];

describe.each(SERVICES)("the provider %s", (name, start) => {
  let server: Server;
  let ports: Ports;
  let provider: KeyProvider;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.behave("well");
    server.asked.length = 0;
    ports = new Ports();
    provider = providerFor(server.settings, ports);
  });

  it("makes a fresh data key of 32 bytes each time, opens it again, and says which key wrapped it", async () => {
    const [one, two] = [await provider.newDataKey(HERE), await provider.newDataKey(HERE)];
    expect(provider.name).toBe(name);
    expect(one.dataKey).toHaveLength(32);
    expect(one.dataKey).not.toEqual(two.dataKey);
    expect(one.keyId).not.toBe("");
    expect(one.keyVersion).not.toBe("");
    expect(holdsBytes(Buffer.from(one.wrapped).toString("latin1"), one.dataKey)).toBe(false);
    expect(await provider.openDataKey(one.wrapped, one, HERE)).toEqual(one.dataKey);
    expect(await provider.openDataKey(two.wrapped, two, HERE)).toEqual(two.dataKey);
  });

  it("opens for the bunker that it was made for and for no other", async () => {
    const made = await provider.newDataKey(HERE);
    expect(await failure(provider.openDataKey(made.wrapped, made, ELSEWHERE))).toMatchObject({ kind: "corrupt" });
    expect(await failure(provider.rewrap(made.wrapped, made, ELSEWHERE))).toMatchObject({ kind: "corrupt" });
  });

  it("opens nothing of which a bit was changed, whichever byte it was in", async () => {
    const made = await provider.newDataKey(HERE);
    for (let at = 0; at < made.wrapped.length; at += 1) {
      const changed = made.wrapped.with(at, (made.wrapped[at] ?? 0) ^ (1 << (at % 8)));
      expect(await failure(provider.openDataKey(changed, made, HERE)), `byte ${at}`).toMatchObject({ name: "KeyServiceError" });
    }
  });

  it("wraps the same data key anew, for the same bunker", async () => {
    const made = await provider.newDataKey(HERE);
    const moved = await provider.rewrap(made.wrapped, made, HERE);
    expect(moved.wrapped).not.toEqual(made.wrapped);
    expect(await provider.openDataKey(moved.wrapped, moved, HERE)).toEqual(made.dataKey);
    expect(await failure(provider.openDataKey(moved.wrapped, moved, ELSEWHERE))).toMatchObject({ kind: "corrupt" });
  });

  it("tells the service nothing about us but the bunker's id", async () => {
    await provider.newDataKey(HERE);
    const words = server.asked.map(({ body }) => body).join("\n");
    const spelled = [HERE.bunkerId, Buffer.from(HERE.bunkerId).toString("base64").replace(/=+$/, "")];
    const decoded = words.replace(/[A-Za-z0-9+/]{40,}={0,2}/g, (text) => Buffer.from(text, "base64").toString("latin1"));
    expect(spelled.some((text) => words.includes(text)) || decoded.includes(HERE.bunkerId)).toBe(true);
  });

  it("is asked for at most five seconds, twice, when it is slow", async () => {
    const made = await provider.newDataKey(HERE);
    ports.waits.length = 0;
    server.behave("slow");
    const error = await failure(provider.openDataKey(made.wrapped, made, HERE));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toContain("did not answer within 5 seconds");
    expect(ports.waits).toEqual([TRY_MS, TRY_MS]);
    server.behave("well");
    expect(await provider.openDataKey(made.wrapped, made, HERE)).toEqual(made.dataKey);
  });

  it.each(["down", "failing"] as const)("is tried once more when it is %s, and is well again by itself", async (how) => {
    const made = await provider.newDataKey(HERE);
    ports.waits.length = 0;
    server.behave(how);
    expect(await failure(provider.openDataKey(made.wrapped, made, HERE))).toMatchObject({ kind: "unavailable" });
    expect(ports.waits).toHaveLength(2);
    server.behave("well");
    expect(await provider.openDataKey(made.wrapped, made, HERE)).toEqual(made.dataKey);
  });

  it("is left alone for ten seconds after three calls in a row that came to nothing", async () => {
    const made = await provider.newDataKey(HERE);
    server.behave("down");
    for (let call = 0; call < FAILURES_BEFORE_PAUSE; call += 1) await failure(provider.openDataKey(made.wrapped, made, HERE));
    server.behave("well");
    ports.waits.length = 0;
    const error = await failure(provider.openDataKey(made.wrapped, made, HERE));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toContain("it is asked again in a moment");
    expect(ports.waits, "nobody was asked").toEqual([]);
    ports.clock += PAUSE_MS;
    expect(await provider.openDataKey(made.wrapped, made, HERE)).toEqual(made.dataKey);
  });

  it("counts a refusal as an answer: no second try, no pause", async () => {
    const made = await provider.newDataKey(HERE);
    server.behave("denying");
    for (let call = 0; call <= FAILURES_BEFORE_PAUSE; call += 1) {
      ports.waits.length = 0;
      expect(await failure(provider.openDataKey(made.wrapped, made, HERE))).toMatchObject({ kind: "denied" });
      expect(ports.waits).toHaveLength(1);
    }
    server.behave("well");
    expect(await provider.openDataKey(made.wrapped, made, HERE)).toEqual(made.dataKey);
  });

  it("that hands out the key of another context opens no record", async () => {
    const userSecretKey = sampleBytes("user secret key");
    const owner = { ...HERE, userPubkey: "c3".repeat(32) };
    const key = { ...owner, userSecretKey, exportable: false, epoch: 0, provider };
    const record = await sealUserKey(key, { root: sampleRoot(), random: sampleRandom() });
    const read = parseUserKeyRecord(JSON.stringify(record));
    expect(await openUserKey(read, owner, provider, sampleRoot())).toEqual(userSecretKey);
    server.behave("mixed-up");
    await expect(openUserKey(read, owner, provider, sampleRoot())).rejects.toMatchObject({ name: "SealError", problem: "refused" });
  });

  it("says in no error what it was told in confidence, nor the operator's names at the service", async () => {
    const made = await provider.newDataKey(HERE);
    const errors = [];
    for (const how of ["denying", "failing", "down", "slow"] as const) {
      server.behave(how);
      ports = new Ports();
      errors.push(await failure(providerFor(server.settings, ports).openDataKey(made.wrapped, made, HERE)));
    }
    server.behave("well");
    errors.push(await failure(provider.openDataKey(made.wrapped, made, ELSEWHERE)));
    const shown = errors.map(everythingShownOf).join("\n");
    const { SEALING: _name, AWS_REGION: _region, ...confidential } = server.settings;
    const account = JSON.parse(confidential["GCP_SERVICE_ACCOUNT"] ?? "{}") as { private_key?: string; client_email?: string };
    const needles = [...Object.values(confidential), account.private_key, account.client_email, "111122223333", "made up for"];
    for (const needle of needles.filter((text) => text !== undefined && text !== "bunkers")) expect(shown).not.toContain(needle);
    expect(holdsBytes(shown, made.dataKey)).toBe(false);
  });
});
