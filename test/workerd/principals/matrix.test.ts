// Walks every call of Bunker and Instance and every route of the document by the table beside this file: each API scope alone, the setup
// token before and after the claim, each role, owners of the instance with and without their passkey, and nobody.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { Bunker } from "../../../durable-objects/bunker.ts";
import type { InstanceRpc } from "../../../durable-objects/instance-rpc.ts";
import { Instance } from "../../../durable-objects/instance.ts";
import { ROLES, SCOPES, type PersonPrincipal, type Principal, type Role, type Scope } from "../../../src/people/principal.ts";
import type { Result } from "../../../src/result.ts";
import { forgetInstanceState } from "../../../src/routes/instance-state.ts";
import { apiToken, beginInstance, CLAIMED_OPERATOR, joined, memberId, NOT_STEPPED_UP, person, rpc } from "../people.ts";
import { ask, newToken } from "../routes/support.ts";
import { connectedClient, newBunker, OPERATOR, storeOf, value, type BunkerStub } from "../support.ts";
import { putInInstanceRow } from "../instance-rows.ts";
import { MATRIX, WITHOUT_PRINCIPAL, type Line } from "./matrix.ts";

/** Somebody's, whose identity nobody keeps. */
const AGE_RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const NO_ID = "0".repeat(32);
const POLICY = { name: "news", default: "deny", rules: [{ id: "notes", effect: "allow", kinds: [1] }] };
const LOOSER = { ...POLICY, rules: [{ id: "notes", effect: "allow", kinds: [1, 7] }] };
const INVITE = { name: "app", policy: "bot-notes", expiresInSeconds: 60, uses: 1000, confirm: false, interactive: false, nip04: false };

let bunker: BunkerStub;
let connectionId = "";
const members = new Map<Role, PersonPrincipal>();

beforeAll(async () => {
  await beginInstance();
  bunker = await newBunker();
  for (const role of ROLES) members.set(role, await joined(bunker, role, `${role}@example.org`));
  await connectedClient(bunker);
  connectionId = value(await rpc(bunker).listConnections(OPERATOR)).items[0]?.id ?? "";
  value(await rpc(bunker).publishPolicy(OPERATOR, "news", POLICY));
});

/** Puts the one app into a state and under a policy, whoever may. */
async function appIs(state: "active" | "suspended" | "waiting", policy = "bot-notes"): Promise<void> {
  await runInDurableObject(bunker, (_bunker: Bunker, objects) => {
    const { connections } = storeOf(objects);
    const connection = connections.byId(connectionId);
    if (connection !== undefined) connections.put({ ...connection, state, policy });
  });
}

const instance = () => env.INSTANCE.get(env.INSTANCE.idFromName("instance")) as unknown as InstanceRpc;

/** How each call is tried: with what changes nothing that others rest on. */
const TRY: Readonly<Record<string, (principal: Principal) => Promise<Result<unknown>>>> = {
  "Bunker.create": (who) =>
    rpc(env.BUNKER.get(env.BUNKER.newUniqueId())).create(who, { name: "x", exportable: false, publicUrl: "http://localhost:8787" }),
  "Bunker.describe": (who) => rpc(bunker).describe(who),
  // A bunker of its own, for it may be gone afterwards.
  "Bunker.delete": async (who) => {
    const own = await newBunker();
    if (who.kind === "person" && who.email.endsWith("@example.org") && !who.instanceOwner) {
      for (const role of ROLES) if (who.email.startsWith(`${role}@`)) await joined(own, role, who.email);
    }
    return rpc(own).delete(who, 3600);
  },
  "Bunker.takeOut": (who) => rpc(bunker).takeOut(who, { what: "key", recipient: AGE_RECIPIENT }),
  // No backup: whoever is let through hears so.
  "Bunker.restore": (who) => rpc(bunker).restore(who, { backup: {}, publicUrl: "http://localhost:8787", epoch: 1 }),
  "Bunker.restoreHere": (who) => rpc(bunker).restoreHere(who, {}, "http://localhost:8787/"),
  "Bunker.cancelExports": (who) => rpc(bunker).cancelExports(who),
  "Bunker.undelete": (who) => rpc(bunker).undelete(who),
  "Bunker.lock": (who) => rpc(bunker).lock(who),
  "Bunker.unlock": (who) => rpc(bunker).unlock(who),
  "Bunker.setRelays": (who) => rpc(bunker).setRelays(who, []),
  "Bunker.readSettings": (who) => rpc(bunker).readSettings(who),
  "Bunker.changeSettings: tighter": (who) => rpc(bunker).changeSettings(who, { votes: "passkey" }),
  "Bunker.changeSettings: looser": async (who) => {
    value(await rpc(bunker).changeSettings(OPERATOR, { votes: "passkey" }));
    return rpc(bunker).changeSettings(who, { votes: "link" });
  },
  "Bunker.readWebhook": (who) => rpc(bunker).readWebhook(who),
  "Bunker.listNicknames": (who) => rpc(bunker).listNicknames(who),
  "Bunker.giveNickname": (who) => rpc(bunker).giveNickname(who, "no key", "Lea"),
  "Bunker.dropNickname": (who) => rpc(bunker).dropNickname(who, "no key"),
  "Bunker.setWebhook": (who) => rpc(bunker).setWebhook(who, "no address"),
  "Bunker.removeWebhook": (who) => rpc(bunker).removeWebhook(who),
  "Bunker.testWebhook": (who) => rpc(bunker).testWebhook(who),
  "Bunker.createInvite": (who) => rpc(bunker).createInvite(who, { ...INVITE, relays: "embedded" }),
  "Bunker.listInvites": (who) => rpc(bunker).listInvites(who),
  "Bunker.withdrawInvite": (who) => rpc(bunker).withdrawInvite(who, NO_ID),
  "Bunker.nostrConnect": (who) => rpc(bunker).nostrConnect(who, { uri: "none", policy: "bot-notes" }),
  "Bunker.listConnections": (who) => rpc(bunker).listConnections(who),
  "Bunker.patchConnection: suspend": (who) => rpc(bunker).patchConnection(who, connectionId, { state: "suspended" }),
  "Bunker.patchConnection: resume": async (who) => {
    await appIs("suspended");
    return rpc(bunker).patchConnection(who, connectionId, { state: "active" });
  },
  "Bunker.patchConnection: confirm": async (who) => {
    await appIs("waiting");
    return rpc(bunker).patchConnection(who, connectionId, { state: "active" });
  },
  "Bunker.patchConnection: to a tighter policy": async (who) => {
    await appIs("active", "full-access");
    return rpc(bunker).patchConnection(who, connectionId, { policy: "ask-everything" });
  },
  "Bunker.patchConnection: to a looser policy": async (who) => {
    await appIs("active", "ask-everything");
    return rpc(bunker).patchConnection(who, connectionId, { policy: "full-access" });
  },
  "Bunker.acknowledgeTrip": (who) => rpc(bunker).acknowledgeTrip(who, connectionId),
  "Bunker.listPolicies": (who) => rpc(bunker).listPolicies(who),
  "Bunker.readPolicy": (who) => rpc(bunker).readPolicy(who, "bot-notes"),
  "Bunker.listPolicyVersions": (who) => rpc(bunker).listPolicyVersions(who, "bot-notes"),
  "Bunker.publishPolicy: tighter": (who) => published(rpc(bunker).publishPolicy(who, "news", POLICY)),
  "Bunker.publishPolicy: looser": async (who) => {
    const answer = await published(rpc(bunker).publishPolicy(who, "news", LOOSER));
    value(await rpc(bunker).publishPolicy(OPERATOR, "news", POLICY));
    return answer;
  },
  "Bunker.listPolicyDrafts": (who) => rpc(bunker).listPolicyDrafts(who, "news"),
  "Bunker.publishPolicyDraft": (who) => rpc(bunker).publishPolicyDraft(who, "news", NO_ID),
  "Bunker.discardPolicyDraft": (who) => rpc(bunker).discardPolicyDraft(who, "news", NO_ID),
  "Bunker.dryRunPolicy": (who) => rpc(bunker).dryRunPolicy(who, { policy: POLICY }),
  "Bunker.tryPolicy": (who) => rpc(bunker).tryPolicy(who, POLICY, null, 0),
  "Bunker.deletePolicy": async (who) => {
    value(await rpc(bunker).publishPolicy(OPERATOR, "spare", { ...POLICY, name: "spare" }));
    return rpc(bunker).deletePolicy(who, "spare");
  },
  "Bunker.policyPeaks": (who) => rpc(bunker).policyPeaks(who, POLICY),
  "Bunker.listApprovals": (who) => rpc(bunker).listApprovals(who, {}),
  "Bunker.approval": (who) => rpc(bunker).approval(who, NO_ID),
  "Bunker.rejectApproval": (who) => rpc(bunker).rejectApproval(who, NO_ID),
  "Bunker.vote": (who) => rpc(bunker).vote(who, NO_ID, { vote: "reject", hash: "", reason: "", acknowledged: [], fullTextOpened: false }),
  "Bunker.listMembers": (who) => rpc(bunker).listMembers(who),
  "Bunker.addMember": (who) => rpc(bunker).addMember(who, { email: "viewer@example.org", role: "viewer" }),
  "Bunker.changeMember": async (who) => rpc(bunker).changeMember(who, await memberId(bunker, "viewer@example.org"), { role: "viewer" }),
  "Bunker.removeMember: another": async (who) => {
    // Somebody else's row, where the caller has one too: nobody's own.
    const { items } = value(await rpc(bunker).listMembers(OPERATOR));
    const email = who.kind === "person" && who.email === "owner@example.org" ? "admin@example.org" : "owner@example.org";
    const answer = await rpc(bunker).removeMember(who, items.find((member) => member.email === email)?.id ?? "");
    if (answer.ok) await rejoin(email);
    return answer;
  },
  "Bunker.cancelMemberChange": (who) => rpc(bunker).cancelMemberChange(who, NO_ID),
  // Without a second owner in sight it stays off; an owner of the instance who asks is one of two.
  "Bunker.setFourEyes: on": async (who) => {
    const answer = await rpc(bunker).setFourEyes(who, true);
    await runInDurableObject(bunker, (_bunker: Bunker, objects) => storeOf(objects).bunker.setFourEyes(false));
    return answer;
  },
  "Bunker.setFourEyes: off": (who) => rpc(bunker).setFourEyes(who, false),
  "Bunker.listNominations": (who) => rpc(bunker).listNominations(who),
  "Bunker.cancelNomination": (who) => rpc(bunker).cancelNomination(who, NO_ID),
  "Bunker.listActs": (who) => rpc(bunker).listActs(who),
  "Bunker.confirmAct": (who) => rpc(bunker).confirmAct(who, NO_ID),
  "Bunker.cancelAct": (who) => rpc(bunker).cancelAct(who, NO_ID),
  "Bunker.listActivity": (who) => rpc(bunker).listActivity(who, 0, 1),
  "Bunker.verifyActivity": (who) => rpc(bunker).verifyActivity(who),
  "Bunker.searchActivity": (who) => rpc(bunker).searchActivity(who, {}, {}),
  "Bunker.exportActivity": (who) => rpc(bunker).exportActivity(who, {}, 0),
  "Bunker.readActivity": (who) => rpc(bunker).readActivity(who, 1),
  "Bunker.requestCounts": (who) => rpc(bunker).requestCounts(who, 0),
  "Bunker.openLive": (who) => rpc(bunker).openLive(who, "5be1"),
  "Bunker.listBudgets": (who) => rpc(bunker).listBudgets(who),
  "Bunker.attention": (who) => rpc(bunker).attention(who),
  "Bunker.glance": (who) => rpc(bunker).glance(who),
  "Bunker.sendPractice": (who) => rpc(bunker).sendPractice(who),
  "Bunker.readPractice": (who) => rpc(bunker).readPractice(who),
  "Bunker.checkChain": (who) => rpc(bunker).checkChain(who),
  "Bunker.readInvite": (who) => rpc(bunker).readInvite(who, NO_ID),
  "Bunker.readConnection": (who) => rpc(bunker).readConnection(who, NO_ID),
  "Bunker.renameConnection": (who) => rpc(bunker).renameConnection(who, NO_ID, "x"),
  "Bunker.summary": (who) => rpc(bunker).summary(who),
  "Bunker.readPublishing": (who) => rpc(bunker).readPublishing(who),
  "Bunker.setPublishing: off": (who) => rpc(bunker).setPublishing(who, []),
  "Bunker.setPublishing: on": async (who) => {
    const answer = await rpc(bunker).setPublishing(who, ["wss://relay.example"]);
    value(await rpc(bunker).setPublishing(OPERATOR, []));
    return answer;
  },
  "Bunker.signCheckpoint": (who) => rpc(bunker).signCheckpoint(who),
  "Bunker.signOverHttp": (who) => rpc(bunker).signOverHttp(who, { event: null }),
  "Instance.beginBunker": (who) => instance().beginBunker(who, "http://localhost:8787/"),
  "Instance.beginRestoration": (who) =>
    instance().beginRestoration(who, "http://localhost:8787/", { bunkerId: "none", userPubkey: "ab".repeat(32), epoch: 0 }),
  "Instance.listTombstones": (who) => instance().listTombstones(who, ""),
  "Instance.listBunkers": (who) => instance().listBunkers(who, ""),
  "Instance.createToken": (who) =>
    instance().createToken(who, { name: "x", scopes: ["sign"], bunker: "all", policies: [], expiresInSeconds: 60 }),
  "Instance.listMails": (who) => instance().listMails(who, ""),
  "Instance.listTokens": (who) => instance().listTokens(who, ""),
  "Instance.revokeToken": (who) => instance().revokeToken(who, NO_ID),
  // Not an address: whoever is let through nominates nobody.
  "Instance.nominateOwner": (who) => instance().nominateOwner(who, "nobody"),
  "Instance.listNominations": (who) => instance().listNominations(who),
  "Instance.cancelNomination": (who) => instance().cancelNomination(who, NO_ID),
  "Instance.view": (who) => instance().view(who),
  "Instance.lock": (who) => instance().lock(who),
  "Instance.abandonBunker": (who) => instance().abandonBunker(who, NO_ID),
  "Instance.removeOwner": (who) => instance().removeOwner(who, NO_ID),
  "Instance.unlock": (who) => instance().unlock(who),
  "Instance.rotate": (who) => instance().rotate(who, "new"),
};

/** A draft is no publication. */
async function published(answer: ReturnType<ReturnType<typeof rpc>["publishPolicy"]>): Promise<Result<unknown>> {
  const outcome = await answer;
  return outcome.ok && outcome.value.done === "draft"
    ? { ok: false, refusal: { code: "person-required", message: "kept as a draft" } }
    : outcome;
}

async function rejoin(email: string): Promise<void> {
  const role = email.split("@")[0] as Role;
  await joined(bunker, role, email);
}

/** Whether somebody was let through: what is wrong with the call itself comes after that. */
function isLetThrough(answer: Result<unknown>): boolean {
  if (answer.ok) return true;
  const { code, message } = answer.refusal;
  return (
    !["forbidden", "person-required", "step-up-required", "passkey-required", "unauthenticated"].includes(code) &&
    message !== "no bunker has that id"
  );
}

async function setClaimed(claimed: boolean): Promise<void> {
  const stub = env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
  await putInInstanceRow(stub, `claimed_at = ${claimed ? 1 : "NULL"}, locked_at = NULL`);
  forgetInstanceState(env);
}

async function isAllowed({ call }: Line, principal: Principal): Promise<boolean> {
  const attempt = TRY[call];
  if (attempt === undefined) throw new Error(`expected a way to try ${call}`);
  const isClaimed = principal.kind === "person" || principal.claimed;
  await setClaimed(isClaimed);
  return isLetThrough(await attempt(principal));
}

const RANK: readonly string[] = ["viewer", "approver", "admin", "owner", "instance owner"];
const atLeast = (role: string, least: string) => RANK.includes(least) && RANK.indexOf(role) >= RANK.indexOf(least);

describe.each(MATRIX.map((line) => [line.call, line] as const))("%s", (_name, line) => {
  it("takes API tokens of the scopes that are named, each alone, and of no other", async () => {
    const allowed: Scope[] = [];
    for (const scope of SCOPES) if (await isAllowed(line, apiToken([scope]))) allowed.push(scope);
    expect(allowed.toSorted()).toEqual([...line.tokens].toSorted());
  });

  it("takes the setup token as the table says, before and after the claim", async () => {
    expect(await isAllowed(line, OPERATOR)).toBe(line.setupToken !== "never");
    expect(await isAllowed(line, CLAIMED_OPERATOR)).toBe(line.setupToken === "always");
  });

  it("takes people from the named role on, and nobody who is no member", async () => {
    expect(await isAllowed(line, person({ accountId: "ee".repeat(32), email: "stranger@elsewhere.example" }))).toBe(false);
    for (const role of ROLES) {
      const member = members.get(role) ?? person();
      expect([role, await isAllowed(line, member)]).toEqual([role, atLeast(role, line.people)]);
    }
  });

  it("takes owners of the instance, and their passkey where it is asked for", async () => {
    const owner = person({ accountId: "dd".repeat(32), email: "operator@example.org", instanceOwner: true });
    expect(await isAllowed(line, owner)).toBe(line.people !== "nobody");
    expect(await isAllowed(line, { ...owner, ...NOT_STEPPED_UP })).toBe(line.people !== "nobody" && !line.passkey);
  });
});

describe("the table", () => {
  it("has a line for every call of the objects", () => {
    const runtime = ["constructor", "fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"];
    const calls = (prefix: string, prototype: object) =>
      Object.getOwnPropertyNames(prototype)
        .filter((name) => !runtime.includes(name))
        .map((name) => `${prefix}.${name}`);
    const named = new Set([...MATRIX.map(({ call }) => call.split(":")[0] ?? ""), ...Object.keys(WITHOUT_PRINCIPAL)]);
    expect([...calls("Bunker", Bunker.prototype), ...calls("Instance", Instance.prototype)].toSorted()).toEqual([...named].toSorted());
  });

  it("has a line for every route of the document", async () => {
    const { paths } = (await ask<{ paths: Record<string, Record<string, unknown>> }>("/api/v1/openapi.json", { token: null })).body;
    const routes = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace("/api/v1", "")}`),
    );
    expect(routes.toSorted()).toEqual(MATRIX.flatMap(({ route }) => route ?? []).toSorted());
  });
});

describe.each(MATRIX.flatMap((line) => (line.route === undefined ? [] : [[line.route, line] as const])))("%s", (route, line) => {
  const [method = "", path = ""] = route.split(" ");
  const call = async (token: string | null) => {
    const filled = path.replace("{bunkerId}", "0".repeat(64)).replace(/\{[a-zA-Z]+\}/g, NO_ID);
    // No field is right and no bunker has that id: whoever is let through changes nothing.
    const body = method === "GET" || method === "DELETE" ? {} : { body: { noSuchField: 1 } };
    return (await ask(`/api/v1${filled}`, { method, token, ...body })).status;
  };

  it("turns away who has no token or a wrong one", async () => {
    expect(await call(null)).toBe(401);
    expect(await call(`cst_${"0".repeat(16)}_${"A".repeat(43)}`)).toBe(401);
  });

  it("asks the setup token and each API token as the table says, before anything is looked up", async () => {
    await setClaimed(false);
    const tokens = new Map<Scope, string>();
    for (const scope of SCOPES) tokens.set(scope, await newToken([scope], { policies: ["bot-notes"] }));
    expect(await call(env.SETUP_TOKEN ?? "")).not.toBe(403);
    await setClaimed(true);
    expect((await call(env.SETUP_TOKEN ?? "")) === 403).toBe(line.setupToken !== "always");
    const allowed: Scope[] = [];
    for (const [scope, token] of tokens) if ((await call(token)) !== 403) allowed.push(scope);
    expect(allowed.toSorted()).toEqual([...line.tokens].toSorted());
  });
});
