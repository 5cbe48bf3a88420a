// The API from outside, with its own typed client: a bot operator's whole day without a browser, and what is left after a kill.

import { verifyEvent } from "nostr-tools/pure";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiClient, bodyOf, type ApiClient } from "../../src/tools/api-client.ts";
import { startInstance, type Instance } from "../support/instance.ts";

let instance: Instance;
let operator: ApiClient;
beforeAll(async () => {
  instance = await startInstance();
  operator = clientOf(instance.setupToken);
});
afterAll(() => instance.discard());

function clientOf(token: string): ApiClient {
  return apiClient(instance.url, token);
}

const template = (content: string) => ({ kind: 1, created_at: 1_795_000_000, tags: [], content });

async function botOf(bunkerId: string, ...scopes: ("sign" | "invites:write" | "bunkers:read")[]) {
  const { token } = await bodyOf(operator.tokens.$post({ json: { name: "bot", scopes, bunker: bunkerId, policies: ["bot-notes"] } }), 201);
  return clientOf(token);
}

async function newBunker(name: string): Promise<{ id: string; userPubkey: string }> {
  return await bodyOf(operator.bunkers.$post({ json: { name } }), 201);
}

describe("a bot operator with a script", () => {
  it("makes a bunker, a token for it, and signs over HTTP as its user", async () => {
    const { id, userPubkey } = await newBunker("Daily News");
    const bot = await botOf(id, "sign");
    const signed = await bodyOf(
      bot.bunkers[":bunkerId"].sign.$post({ param: { bunkerId: id }, header: {}, json: { event: template("over HTTP") } }),
      200,
    );
    expect(signed).toMatchObject({ ...template("over HTTP"), pubkey: userPubkey });
    expect(verifyEvent(signed)).toBe(true);
  });

  it("brings a key along and finds its public key, in any case of its hex", async () => {
    const secretKey = "67DEA2ED018072D675F5415ECFAED7D2597555E202D85B3D65EA4E58D2D92FFA";
    const { userPubkey } = await bodyOf(operator.bunkers.$post({ json: { name: "brought", secretKey } }), 201);
    expect(userPubkey).toBe("7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e");
  });

  it("repeats a request under one Idempotency-Key and gets one signature", async () => {
    const { id } = await newBunker("twice");
    const bot = await botOf(id, "sign");
    const sign = (content: string) =>
      bot.bunkers[":bunkerId"].sign.$post({
        param: { bunkerId: id },
        header: { "idempotency-key": "job-7" },
        json: { event: template(content) },
      });
    const [first, second] = [await bodyOf(sign("once"), 200), await bodyOf(sign("once"), 200)];
    expect(second).toEqual(first);
    expect((await sign("another")).status).toBe(422);
    const activity = await bodyOf(operator.bunkers[":bunkerId"].activity.$get({ param: { bunkerId: id }, query: {} }), 200);
    expect(activity.items.filter(({ method }) => method === "sign_event")).toHaveLength(1);
  });

  it("reaches with its token neither another bunker nor another policy", async () => {
    const [mine, other] = [await newBunker("mine"), await newBunker("other")];
    const bot = await botOf(mine.id, "sign", "invites:write", "bunkers:read");
    const invite = (bunkerId: string, policy: string) =>
      bot.bunkers[":bunkerId"].invites.$post({ param: { bunkerId }, json: { name: "x", policy } });
    expect((await invite(mine.id, "bot-notes")).status).toBe(201);
    expect((await invite(mine.id, "full-access")).status).toBe(403);
    expect((await invite(other.id, "bot-notes")).status).toBe(403);
    const listed = await bodyOf(bot.bunkers.$get({ query: {} }), 200);
    expect(listed.items.map(({ id }) => id)).toEqual([mine.id]);
  });

  it("deletes a bunker, and nothing of it answers any more", async () => {
    const { id } = await newBunker("short-lived");
    const bunker = operator.bunkers[":bunkerId"];
    await bodyOf(bunker.$delete({ param: { bunkerId: id }, query: {} }), 204);
    expect((await bunker.$get({ param: { bunkerId: id } })).status).toBe(404);
    expect((await bunker.$delete({ param: { bunkerId: id }, query: {} })).status).toBe(404);
    const socket = new WebSocket(`ws://localhost:${instance.port}/relay/${id}`);
    await new Promise((resolve) => socket.addEventListener("close", resolve));
    const listed = await bodyOf(operator.bunkers.$get({ query: {} }), 200);
    expect(listed.items.map((each) => each.id)).not.toContain(id);
  });
});

describe("the lock of everything", () => {
  it("reaches each bunker within a moment, and its unlock too", async () => {
    const { id } = await newBunker("locked with all");
    const bot = await botOf(id, "sign");
    const sign = () => bot.bunkers[":bunkerId"].sign.$post({ param: { bunkerId: id }, header: {}, json: { event: template("locked?") } });
    await bodyOf(operator.instance.lock.$post({ json: {} }), 200);
    expect((await sign()).status).toBe(423);
    await untilDone();
    const state = () => bodyOf(operator.bunkers[":bunkerId"].$get({ param: { bunkerId: id } }), 200);
    expect((await state()).locked).toBe(true);
    await bodyOf(operator.instance.unlock.$post({ json: {} }), 200);
    await untilDone();
    expect((await state()).locked).toBe(false);
    expect((await sign()).status).toBe(200);
  });

  async function untilDone(): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      const { progress } = await bodyOf(operator.instance.$get(), 200);
      if (progress.done === progress.total) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("expected every bunker to hear of the lock within 10 s");
  }
});

describe("after a kill", () => {
  it("tokens, bunkers and the instance's own secrets are what they were", async () => {
    const { id, userPubkey } = await newBunker("survivor");
    const { token } = await bodyOf(operator.tokens.$post({ json: { name: "lasting", scopes: ["bunkers:read"], bunker: id } }), 201);
    const { stateDir, port } = instance;
    await instance.kill();
    instance = await startInstance({ stateDir, port });
    const described = await bodyOf(clientOf(token).bunkers[":bunkerId"].$get({ param: { bunkerId: id } }), 200);
    expect(described).toMatchObject({ userPubkey, name: "survivor" });
  });

  it("another root secret is refused in clear words, and the right one opens everything again", async () => {
    const { id } = await newBunker("kept");
    const { stateDir, port } = instance;
    await instance.stop();
    const wrong = await startInstance({ stateDir, port, env: { ROOT_SECRET: "d3Jvbmctcm9vdC1zZWNyZXQtZm9yLXRlc3RzLTAwMSE=" } });
    const health = await fetch(`${wrong.url}/healthz`);
    expect(health.status).toBe(503);
    expect(await health.text()).toContain("ROOT_SECRET is not the one that this instance was begun with");
    expect((await operator.bunkers.$post({ json: { name: "never" } })).status).toBe(503);
    expect((await operator.bunkers[":bunkerId"].$get({ param: { bunkerId: id } })).status).toBe(503);
    await wrong.stop();
    instance = await startInstance({ stateDir, port });
    await bodyOf(operator.bunkers[":bunkerId"].$get({ param: { bunkerId: id } }), 200);
    const listed = await bodyOf(operator.bunkers.$get({ query: {} }), 200);
    expect(listed.items.map(({ name }) => name)).not.toContain("never");
  });
});
