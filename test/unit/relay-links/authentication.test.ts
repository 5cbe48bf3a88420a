// NIP-42: a relay that wants to know who asks is told once as each of our keys, and not for ever.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFaultRelay } from "../../support/fault-relay.ts";
import type { FaultRelay } from "../../support/fault-relay.ts";
import { LinkHarness, newSigner, requestTo, settle, until } from "../../support/link-harness.ts";

describe.each(["at connection time", "after the first refusal"])("a relay that challenges %s", (when) => {
  const signers = [newSigner(), newSigner(), newSigner()] as const;
  const [first, second, third] = signers;
  let relay: FaultRelay;
  let harness: LinkHarness;

  beforeEach(async () => {
    relay = await startFaultRelay({ faults: { needsAuth: true, challengesLate: when !== "at connection time" } });
    harness = new LinkHarness(signers);
  });

  afterEach(async () => {
    harness.close();
    await relay.close();
  });

  async function opened(...pubkeys: (typeof first.pubkey)[]): Promise<void> {
    harness.want({ relay: relay.url, pubkeys });
    await until(() => relay.framesOf("REQ").length === 2);
    await settle();
  }

  it("is answered as every key of the link, then asked again, and delivers", async () => {
    await opened(first.pubkey, second.pubkey);
    expect(relay.framesOf("AUTH").map((frame) => (frame[1] as { pubkey: string }).pubkey)).toEqual([first.pubkey, second.pubkey]);
    relay.broadcast(requestTo(second.pubkey));
    await until(() => harness.received.length === 1);
  });

  it("is told its own URL and its own challenge, by kind 22242", async () => {
    await opened(first.pubkey);
    expect(relay.framesOf("AUTH")[0]?.[1]).toMatchObject({
      kind: 22_242,
      tags: [
        ["relay", relay.url],
        ["challenge", expect.stringMatching(/^challenge-/)],
      ],
    });
  });

  it("gets the same event again after AUTH", async () => {
    const event = requestTo(newSigner().pubkey, { author: first.secretKey });
    harness.want({ relay: relay.url, pubkeys: [first.pubkey] });
    harness.links.publish(event, [relay.url]);
    await until(() => harness.published.length === 1);
    expect(harness.published).toMatchObject([{ outcome: "ok" }]);
    expect(new Set(relay.framesOf("EVENT").map((frame) => JSON.stringify(frame[1])))).toEqual(new Set([JSON.stringify(event)]));
  });

  it("is told of a key that is added later, and only of that one", async () => {
    await opened(first.pubkey);
    harness.want({ relay: relay.url, pubkeys: [first.pubkey, third.pubkey] });
    await until(() => relay.framesOf("REQ").length === 4);
    await settle();
    expect(harness.authRounds).toEqual([[first.pubkey], [third.pubkey]]);
    relay.broadcast(requestTo(third.pubkey));
    await until(() => harness.received.length === 1);
  });

  it("is answered anew on a new socket", async () => {
    await opened(first.pubkey);
    relay.dropAll();
    await until(() => harness.health(relay.url).state === "backing-off");
    harness.advance(2_000);
    await until(() => relay.framesOf("REQ").length === 4);
    expect(relay.framesOf("AUTH")).toHaveLength(2);
  });

  it("that refuses our keys is left in peace: it gets one AUTH per key, and REQs with patience", async () => {
    relay.faults.refusesAuth = true;
    await opened(first.pubkey);
    expect(harness.health(relay.url).lastRefusal).toBe("auth-required: say who you are");
    expect(relay.framesOf("AUTH")).toHaveLength(1);
    harness.advance(1_999);
    await settle();
    expect(relay.framesOf("REQ")).toHaveLength(2);
    harness.advance(1);
    await until(() => relay.framesOf("REQ").length === 3);
    await settle();
    expect(relay.framesOf("AUTH").length).toBeLessThanOrEqual(2);
    expect(harness.health(relay.url).state).toBe("open");
  });
});

describe("a relay with a challenge", () => {
  const signer = newSigner();
  let relay: FaultRelay;
  let harness: LinkHarness;

  beforeEach(async () => {
    relay = await startFaultRelay();
    harness = new LinkHarness([signer]);
    harness.want({ relay: relay.url, pubkeys: [signer.pubkey] });
    await harness.open(relay.url);
    await until(() => relay.framesOf("REQ").length === 1);
  });

  afterEach(async () => {
    harness.close();
    await relay.close();
  });

  it("that serves us without AUTH gets none", async () => {
    relay.sendAll(JSON.stringify(["AUTH", "who are you"]));
    await settle();
    expect(harness.authRounds).toEqual([]);
  });

  it("cannot make us sign without end by challenging and refusing in a loop", async () => {
    for (let round = 0; round < 50; round++) {
      relay.sendAll(JSON.stringify(["AUTH", `challenge ${round}`]));
      relay.sendAll(JSON.stringify(["CLOSED", relay.framesOf("REQ").at(-1)?.[1], "auth-required: again"]));
      const { length } = harness.authRounds;
      await settle();
      if (harness.authRounds.length === length) break;
      // Its own OK ends the round, so that the next one could begin.
      for (const [, event] of relay.framesOf("AUTH")) relay.sendAll(JSON.stringify(["OK", (event as { id: string }).id, true, ""]));
      await settle();
    }
    expect(harness.authRounds.length).toBeLessThanOrEqual(5);
  });

  it("that says restricted where it means auth-required is told who we are", async () => {
    relay.sendAll(JSON.stringify(["AUTH", "who are you"]));
    relay.faults.refuseEvents = ["restricted: authenticate first"];
    const event = requestTo(newSigner().pubkey, { author: signer.secretKey });
    harness.links.publish(event, [relay.url]);
    await until(() => harness.published.length === 1);
    expect(harness.authRounds).toHaveLength(1);
    // What it said first was no answer: the event went again once it knew us.
    expect(harness.published).toMatchObject([{ outcome: "ok" }]);
  });

  it("that never answers AUTH is asked again without it", async () => {
    relay.faults.ignoresAuth = true;
    relay.sendAll(JSON.stringify(["AUTH", "who are you"]));
    relay.sendAll(JSON.stringify(["CLOSED", "s1", "auth-required: say who you are"]));
    await until(() => relay.framesOf("AUTH").length === 1);
    await settle();
    expect(relay.framesOf("REQ")).toHaveLength(1);
    harness.advance(10_000);
    await until(() => relay.framesOf("REQ").length === 2);
  });
});
