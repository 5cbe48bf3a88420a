// Members and drafts over the API of the running product, while nobody has claimed it: the operator is everybody.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { api, startInstance, type Instance } from "../support/instance.ts";
import { Operator } from "../support/operator.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(() => instance.discard());

interface Member {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly state: string;
  readonly warnings: readonly string[];
}
interface Members {
  readonly items: readonly Member[];
  readonly next: null;
  readonly changes: readonly unknown[];
  readonly warnings: readonly string[];
}

describe("members", () => {
  it("are added, changed and removed, and the last owner stays", async () => {
    const operator = await Operator.create(instance);
    const at = `/bunkers/${operator.bunkerId}/members`;
    const ana = await operator.api.request<Member>("POST", at, { email: "Ana@Example.org", role: "owner" });
    expect([ana.status, ana.body]).toMatchObject([201, { email: "ana@example.org", role: "owner", state: "invited", warnings: [] }]);
    const ben = await operator.call<Member>("POST", "/members", { email: "ben@example.org", role: "viewer" });
    expect((await operator.api.request("PATCH", `${at}/${ana.body.id}`, { role: "admin" })).status).toBe(409);
    expect(await operator.call("PATCH", `/members/${ben.id}`, { role: "owner" })).toMatchObject({ role: "owner" });
    expect(await operator.call("DELETE", `/members/${ana.body.id}`)).toEqual({ warnings: [] });
    const { items, next, changes } = await operator.call<Members>("GET", "/members");
    expect([items.map(({ email, role }) => [email, role]), next, changes]).toEqual([[["ben@example.org", "owner"]], null, []]);
    expect((await operator.api.request("DELETE", `${at}/${ben.id}`)).status).toBe(409);
  });

  it("need an address and a role, and no other field", async () => {
    const operator = await Operator.create(instance);
    for (const [body, path] of [
      [{ email: "ben", role: "viewer" }, "email"],
      [{ email: "ben@example.org", role: "god" }, "role"],
      [{ email: "ben@example.org", role: "viewer", admin: true }, "admin"],
    ] as const) {
      const answer = await operator.api.request<{ error: { message: string } }>("POST", `/bunkers/${operator.bunkerId}/members`, body);
      expect([path, answer.status]).toEqual([path, 422]);
      expect(answer.body.error.message).toContain(path);
    }
    expect((await operator.api.request("DELETE", `/bunkers/${operator.bunkerId}/members/${"0".repeat(32)}`)).status).toBe(404);
  });
});

describe("a loosening policy", () => {
  const tight = { name: "news", default: "deny", rules: [{ id: "notes", effect: "allow", kinds: [1] }] };
  const looser = { ...tight, rules: [{ ...tight.rules[0], kinds: [1, 7] }] };

  it("of an API token is kept as a draft (202), which the operator publishes until somebody claims", async () => {
    const operator = await Operator.create(instance);
    await operator.call("PUT", "/policies/news", tight);
    const { body } = await operator.api.request<{ token: string }>("POST", "/tokens", {
      name: "script",
      scopes: ["policies:write"],
      bunker: operator.bunkerId,
    });
    const script = api(instance, body.token);
    const at = `/bunkers/${operator.bunkerId}/policies/news`;
    const kept = await script.request<{ id: string; baseVersion: number; document: unknown }>("PUT", at, looser);
    expect([kept.status, kept.body]).toMatchObject([202, { baseVersion: 1, document: looser }]);
    expect((await script.request("POST", `${at}/drafts/${kept.body.id}/publish`)).status).toBe(403);
    expect(await operator.call("GET", "/policies/news")).toMatchObject({ version: 1, document: tight });
    expect(await operator.call("POST", `/policies/news/drafts/${kept.body.id}/publish`)).toMatchObject({ version: 2, document: looser });
    expect(await operator.call("GET", "/policies/news/drafts")).toEqual({ items: [], next: null });
  });

  it("that asks for more people than there are is refused with the place and who there is", async () => {
    const operator = await Operator.create(instance);
    await operator.call("POST", "/members", { email: "ana@example.org", role: "owner" });
    const asking = { name: "news", default: "deny", rules: [{ id: "bait", effect: "ask", kinds: [1], approvals: { need: 2 } }] };
    const answer = await operator.api.request<{ error: { message: string } }>("PUT", `/bunkers/${operator.bunkerId}/policies/news`, asking);
    expect(answer.status).toBe(422);
    expect(answer.body.error.message).toBe("rules[0].approvals: Needs 2, only ana@example.org may vote. Invite somebody or lower it.");
  });
});
