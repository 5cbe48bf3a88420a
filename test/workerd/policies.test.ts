// Publishing on what was read, deleting what nothing is under, and what was recorded of the past.

import { beforeAll, describe, expect, it } from "vitest";
import { apiToken, beginInstance, joined, rpc } from "./people.ts";
import { api } from "./routes/support.ts";
import { connectedClient, invite, newBunker, note, OPERATOR, value, type BunkerStub } from "./support.ts";

beforeAll(beginInstance);

const refused = (code: string, message?: RegExp) => ({
  ok: false,
  refusal: { code, ...(message && { message: expect.stringMatching(message) as string }) },
});
const tight = { name: "news", default: "deny", rules: [{ id: "notes", effect: "allow", kinds: [1] }] };
const loose = { ...tight, rules: [{ id: "notes", effect: "allow", kinds: [1, 7] }] };

async function withNews(): Promise<BunkerStub> {
  const stub = await newBunker();
  value(await rpc(stub).publishPolicy(OPERATOR, "news", tight));
  return stub;
}

describe("publishing", () => {
  it("on a version that is not the newest any more changes nothing", async () => {
    const stub = await withNews();
    value(await rpc(stub).publishPolicy(OPERATOR, "news", loose, { base: 1 }));
    expect(await rpc(stub).publishPolicy(OPERATOR, "news", tight, { base: 1 })).toMatchObject(
      refused("conflict", /^version 2 was published/),
    );
    expect(await rpc(stub).publishPolicy(OPERATOR, "other", { ...tight, name: "other" }, { base: 1 })).toMatchObject(refused("conflict"));
    expect(value(await rpc(stub).readPolicy(OPERATOR, "news"))).toMatchObject({ version: 2, document: loose });
    expect(value(await rpc(stub).publishPolicy(OPERATOR, "other", { ...tight, name: "other" }, { base: 0 })).done).toBe("published");
  });
});

describe("deleting a policy", () => {
  it("that an app or an open connect link is under names them, and deletes nothing", async () => {
    const stub = await withNews();
    const client = await connectedClient(stub, { policy: "news", name: "news-bot" });
    const link = await invite(stub, { policy: "news", name: "laptop" });
    const inUse = refused("conflict", /^news-bot and the connect link laptop are under news: put them under another policy first$/);
    expect(await rpc(stub).deletePolicy(OPERATOR, "news")).toMatchObject(inUse);
    expect(value(await rpc(stub).readPolicy(OPERATOR, "news")).usedBy).toMatchObject({ apps: [{ name: "news-bot" }], links: ["laptop"] });
    value(await rpc(stub).withdrawInvite(OPERATOR, link.id));
    const [app] = value(await rpc(stub).listConnections(OPERATOR)).items;
    value(await rpc(stub).patchConnection(OPERATOR, app?.id ?? "", { state: "suspended" }));
    expect(await rpc(stub).deletePolicy(OPERATOR, "news")).toMatchObject(refused("conflict", /^news-bot is under news/));
    value(await rpc(stub).patchConnection(OPERATOR, app?.id ?? "", { state: "revoked" }));
    value(await rpc(stub).deletePolicy(OPERATOR, "news"));
    expect(await rpc(stub).readPolicy(OPERATOR, "news")).toMatchObject(refused("not-found"));
    expect((await client.request("sign_event", [note()])).error).toBeDefined();
  });

  it("is not for presets, strangers' names or machines", async () => {
    const stub = await withNews();
    expect(await rpc(stub).deletePolicy(OPERATOR, "bot-notes")).toMatchObject(refused("conflict", /preset/));
    expect(await rpc(stub).deletePolicy(OPERATOR, "other")).toMatchObject(refused("not-found"));
    expect(await rpc(stub).deletePolicy(apiToken(["policies:write"]), "news")).toMatchObject(refused("person-required"));
  });

  it("gives the name to nobody for looser rules: whoever takes it goes on from its last version", async () => {
    const stub = await withNews();
    const ben = await joined(stub, "admin", "ben@example.org");
    value(await rpc(stub).publishPolicy(ben, "news", loose));
    expect(value(await rpc(stub).listPolicyDrafts(ben, "news")).items).toHaveLength(1);
    value(await rpc(stub).deletePolicy(ben, "news"));
    expect(value(await rpc(stub).listPolicyDrafts(ben, "news")).items).toHaveLength(0);
    expect(value(await rpc(stub).listPolicies(ben)).items.map(({ name }) => name)).not.toContain("news");
    expect(value(await rpc(stub).publishPolicy(ben, "news", loose)).done).toBe("draft");
    expect(value(await rpc(stub).publishPolicy(ben, "news", tight))).toMatchObject({ done: "published", policy: { version: 3 } });
    const versions = value(await rpc(stub).listPolicyVersions(ben, "news")).items;
    expect(versions.map(({ version, deleted }) => [version, deleted])).toEqual([
      [3, undefined],
      [2, true],
      [1, undefined],
    ]);
    const [entry] = value(await rpc(stub).listActivity(ben, 0, 500)).items.filter(({ method }) => method === "policy.delete");
    expect(entry).toMatchObject({ actor: expect.stringContaining("person:") as string, explanation: "The policy news was deleted." });
  });

  it("over the API is the setup token's until somebody has claimed", async () => {
    const id = (await api<{ id: string }>("/bunkers", { body: { name: "Daily" } })).body.id;
    await api(`/bunkers/${id}/policies/news`, { method: "PUT", body: tight });
    expect((await api(`/bunkers/${id}/policies/news`, { method: "DELETE" })).status).toBe(204);
    expect((await api(`/bunkers/${id}/policies/news`)).status).toBe(404);
  });
});

it("the list says how many drafts wait for each policy", async () => {
  const stub = await withNews();
  const ben = await joined(stub, "admin", "ben@example.org");
  value(await rpc(stub).publishPolicy(ben, "news", loose));
  const listed = value(await rpc(stub).listPolicies(ben)).items.map(({ name, drafts }) => [name, drafts]);
  expect(listed).toContainEqual(["news", 1]);
  expect(listed).toContainEqual(["bot-notes", 0]);
});

it("how busy a rule was is counted from what was recorded", async () => {
  const stub = await withNews();
  const before = value(await rpc(stub).policyPeaks(OPERATOR, tight));
  expect(before).toMatchObject({ requests: 0, since: null, peaks: [{ rule: "notes", bunker: { hour: 0 } }] });
  const client = await connectedClient(stub, { policy: "news" });
  for (const text of ["one", "two", "three"]) await client.request("sign_event", [note(text)]);
  const after = value(await rpc(stub).policyPeaks(OPERATOR, tight));
  expect(after).toMatchObject({ requests: 3, truncated: false, peaks: [{ rule: "notes", bunker: { minute: 3, hour: 3, day: 3 } }] });
  expect(await rpc(stub).policyPeaks(OPERATOR, { ...tight, kindz: 1 })).toMatchObject(refused("invalid", /^policy\.kindz/));
});
