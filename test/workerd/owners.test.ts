// Owners of the instance who leave or are removed: by whom, who stays, and who hears of it.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { InstanceRpc } from "../../durable-objects/instance-rpc.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import type { PersonPrincipal } from "../../src/people/principal.ts";
import { inInstance } from "./instance-rows.ts";
import { apiToken, beginInstance, CLAIMED_OPERATOR, NOT_STEPPED_UP, person, WITHOUT_PASSKEY } from "./people.ts";
import { value } from "./support.ts";

const stub = () => env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
const instance = () => stub() as unknown as InstanceRpc;

let ana: PersonPrincipal;
let ben: PersonPrincipal;

async function owner(email: string): Promise<PersonPrincipal> {
  const { accountId } = value(await instance().ensureAccount(email as EmailAddress));
  await inInstance(stub(), ({ owners }) => owners.add(accountId, "test", Date.now()));
  return person({ accountId, email, instanceOwner: true });
}

const owners = async () => (await instance().state()).owners;
const refusal = async (who: Parameters<InstanceRpc["removeOwner"]>[0], accountId: string) => {
  const answer = await instance().removeOwner(who, accountId);
  return answer.ok ? "yes" : answer.refusal.code;
};

function mails({ accountId }: PersonPrincipal): Promise<number> {
  return runInDurableObject(env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId)), (_account, state) => {
    return state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM mails WHERE topic = 'owner-removal'").one().n;
  });
}

beforeEach(async () => {
  await beginInstance();
  await inInstance(stub(), ({ table, owners: rows }) => {
    table.claim(1);
    for (const accountId of rows.list()) rows.remove(accountId);
  });
  [ana, ben] = [await owner("ana@example.org"), await owner("ben@example.org")];
});

describe("an owner of the instance", () => {
  it("is removed by another one, and both hear of it by mail", async () => {
    const before = [await mails(ana), await mails(ben)];
    expect(await refusal(ana, ben.accountId)).toBe("yes");
    expect(await owners()).toEqual([ana.accountId]);
    expect([await mails(ana), await mails(ben)]).toEqual(before.map((n) => n + 1));
  });

  it("removes nobody any more, whatever the Worker still remembers of them for some seconds", async () => {
    const cleo = await owner("cleo@example.org");
    value(await instance().removeOwner(ana, ben.accountId));
    expect(await refusal(ben, cleo.accountId)).toBe("conflict");
    expect(await owners()).toEqual([ana.accountId, cleo.accountId]);
  });

  it("leaves, and is no owner from then on, after a new life too", async () => {
    expect(await refusal(ben, ben.accountId)).toBe("yes");
    expect(await owners()).toEqual([ana.accountId]);
    expect((await instance().state()).tampered).toBeNull();
  });

  it("stays where it is the last one", async () => {
    value(await instance().removeOwner(ana, ben.accountId));
    expect(await refusal(ana, ana.accountId)).toBe("conflict");
    expect(await owners()).toEqual([ana.accountId]);
  });

  it("is removed by nobody less, and by nobody who has not shown their passkey just now", async () => {
    expect(await refusal({ ...ana, instanceOwner: false }, ben.accountId)).toBe("forbidden");
    expect(await refusal({ ...ana, ...NOT_STEPPED_UP }, ben.accountId)).toBe("step-up-required");
    expect(await refusal({ ...ana, ...WITHOUT_PASSKEY }, ben.accountId)).toBe("passkey-required");
    expect(await refusal(apiToken(["lock", "bunkers:write"]), ben.accountId)).toBe("person-required");
    expect(await refusal(CLAIMED_OPERATOR, ben.accountId)).toBe("person-required");
    expect(await refusal(ana, "0".repeat(64))).toBe("not-found");
    expect(await owners()).toEqual([ana.accountId, ben.accountId]);
  });

  it("is removed while everything is locked: a stolen account must not keep the others out", async () => {
    value(await instance().lock(ana));
    expect(await refusal({ ...ana, instanceLocked: true }, ben.accountId)).toBe("yes");
    value(await instance().unlock(ana));
  });
});
