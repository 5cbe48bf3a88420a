// What a passkey is worth, and to whom: on the Account object, with a device in software.

import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { AccountRpc } from "../../durable-objects/account-rpc.ts";
import { parseEmail } from "../../src/notify/email-address.ts";
import { PasskeyDevice, type Ceremony } from "../support/passkey-device.ts";
import { value } from "./support.ts";

const PLACE = { rpId: "bunkers.example.org", origin: "https://bunkers.example.org" };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let made = 0;
/** An account, and a session whose step-up from claiming is over: as good as one from a mail. */
async function newAccount(): Promise<{ account: AccountRpc; session: string }> {
  made += 1;
  const email = parseEmail(`person${made}@example.org`);
  if (email === undefined) throw new Error("expected an address");
  const account: AccountRpc = env.ACCOUNT.get(env.ACCOUNT.idFromName(`passkeys ${made}`));
  value(await account.ensure(email));
  const { sessionSecret } = value(await account.openClaimedSession({ browser: "Chrome on Linux" }));
  later(31 * MINUTE_MS);
  return { account, session: sessionSecret };
}

function later(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
}

afterEach(() => {
  vi.useRealTimers();
});

const challengeIn = (optionsJson: string) => (JSON.parse(optionsJson) as { challenge: string }).challenge;

async function add(account: AccountRpc, session: string, device: PasskeyDevice, change: Partial<Ceremony> = {}) {
  const begun = await account.beginPasskey(session, PLACE);
  if (!begun.ok) return begun;
  const ceremony = { ...PLACE, challenge: challengeIn(begun.value.optionsJson), ...change };
  return account.addPasskey(session, { ...PLACE, responseJson: device.create(ceremony), name: "test" });
}

async function stepUp(account: AccountRpc, session: string, device: PasskeyDevice, change: Partial<Ceremony> = {}) {
  const begun = value(await account.beginStepUp(session, PLACE));
  const ceremony = { ...PLACE, challenge: challengeIn(begun.optionsJson), ...change };
  return account.stepUp(session, { ...PLACE, responseJson: device.get(ceremony) });
}

describe("a passkey", () => {
  it("that a mail sufficed to add counts as no more than a mail for 24 hours, and fully then", async () => {
    const { account, session } = await newAccount();
    const device = new PasskeyDevice();
    value(await add(account, session, device));
    expect(value(await stepUp(account, session, device))).toMatchObject({ by: "mail" });
    const second = new PasskeyDevice();
    value(await add(account, session, second));
    expect(value(await stepUp(account, session, second))).toMatchObject({ by: "mail" });
    later(24 * HOUR_MS + 1);
    expect(value(await stepUp(account, session, device))).toMatchObject({ by: "passkey" });
    const third = new PasskeyDevice();
    value(await add(account, session, third));
    expect(value(await stepUp(account, session, third))).toMatchObject({ by: "passkey" });
  });

  it("once there is one, is neither added nor removed without one", async () => {
    const { account, session } = await newAccount();
    value(await add(account, session, new PasskeyDevice()));
    expect(await add(account, session, new PasskeyDevice())).toMatchObject({ ok: false, refusal: { code: "step-up-required" } });
    const [passkey] = value(await account.view(session)).passkeys;
    expect(await account.removePasskey(session, passkey?.id ?? "")).toMatchObject({
      ok: false,
      refusal: { code: "step-up-required" },
    });
    expect(value(await account.view(session)).passkeys).toHaveLength(1);
  });

  it("of two that are added at once as the first, only one gets in", async () => {
    const { account, session } = await newAccount();
    const devices = [new PasskeyDevice(), new PasskeyDevice()];
    const begun = [value(await account.beginPasskey(session, PLACE)), value(await account.beginPasskey(session, PLACE))];
    const answers = await Promise.all(
      devices.map((device, index) => {
        const responseJson = device.create({ ...PLACE, challenge: challengeIn(begun[index]?.optionsJson ?? "{}") });
        return account.addPasskey(session, { ...PLACE, responseJson, name: "test" });
      }),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it.each([
    ["without PIN or finger", { isVerified: false }],
    ["made for another origin", { origin: "https://evil.example" }],
    ["made for another host", { rpId: "evil.example" }],
    ["to a challenge of nobody's", { challenge: "AAAAAAAAAAAAAAAAAAAAAA" }],
  ])("an answer %s counts for nothing, neither to add nor to confirm", async (_what, change) => {
    const { account, session } = await newAccount();
    expect((await add(account, session, new PasskeyDevice(), change)).ok).toBe(false);
    const device = new PasskeyDevice();
    value(await add(account, session, device));
    expect((await stepUp(account, session, device, change)).ok).toBe(false);
    expect((await stepUp(account, session, new PasskeyDevice())).ok).toBe(false);
    expect((await account.authenticate(session))?.stepUp).toBeNull();
  });

  it("confirms for five minutes", async () => {
    const { account, session } = await newAccount();
    const device = new PasskeyDevice();
    value(await add(account, session, device));
    value(await stepUp(account, session, device));
    later(5 * MINUTE_MS - 1000);
    expect((await account.authenticate(session))?.stepUp).not.toBeNull();
    later(1000);
    expect((await account.authenticate(session))?.stepUp).toBeNull();
  });

  it("signs in once for each challenge, also when it counts nothing", async () => {
    const { account, session } = await newAccount();
    const device = new PasskeyDevice();
    value(await add(account, session, device));
    const input = { ...PLACE, challenge: "AAAAAAAAAAAAAAAAAAAAAA", browser: "Chrome on Linux" };
    const responseJson = device.get(input);
    const [first, second] = await Promise.all([
      account.signInByPasskey({ ...input, responseJson }),
      account.signInByPasskey({ ...input, responseJson }),
    ]);
    expect([first.ok, second.ok].filter(Boolean)).toHaveLength(1);
    expect((await account.signInByPasskey({ ...input, responseJson })).ok).toBe(false);
  });
});
