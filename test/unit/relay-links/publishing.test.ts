// Events on their way out: each is met by an OK, sent again as the same event, or given back to its owner.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NostrEvent } from "../../../src/protocol/event.ts";
import { startFaultRelay } from "../../support/fault-relay.ts";
import type { FaultRelay } from "../../support/fault-relay.ts";
import { LinkHarness, newSigner, requestTo, settle, until } from "../../support/link-harness.ts";

describe("an event that is published", () => {
  const signer = newSigner();
  let relay: FaultRelay;
  let harness: LinkHarness;

  beforeEach(async () => {
    relay = await startFaultRelay();
    harness = new LinkHarness([signer]);
    harness.want({ relay: relay.url, pubkeys: [signer.pubkey] });
    await harness.open(relay.url);
    await until(() => relay.framesOf("REQ").length === 1);
    await settle();
  });

  afterEach(async () => {
    harness.close();
    await relay.close();
  });

  function response(content = "sealed"): NostrEvent {
    return requestTo(newSigner().pubkey, { author: signer.secretKey, content });
  }

  function sent(): unknown[] {
    return relay.framesOf("EVENT").map((frame) => frame[1]);
  }

  it("does not go out before the relay has said EOSE to the REQ of its author, so that the next request is not missed", async () => {
    relay.faults.neverSendsEose = true;
    const fresh = newSigner();
    harness.want({ relay: relay.url, pubkeys: [signer.pubkey, fresh.pubkey] });
    const early = requestTo(newSigner().pubkey, { author: fresh.secretKey });
    const other = response();
    harness.links.publish(early, [relay.url]);
    harness.links.publish(other, [relay.url]);
    await until(() => harness.published.length === 1);
    expect(sent()).toEqual([other]);
    relay.sendAll(JSON.stringify(["EOSE", "s2"]));
    await until(() => harness.published.length === 2);
    expect(sent()).toEqual([other, early]);
  });

  it("goes out after 5 s to a relay that never says EOSE", async () => {
    relay.faults.neverSendsEose = true;
    relay.dropAll();
    await until(() => harness.health(relay.url).state === "backing-off");
    harness.advance(2_000);
    await harness.open(relay.url);
    harness.links.publish(response(), [relay.url]);
    await settle();
    expect(sent()).toEqual([]);
    harness.advance(5_000);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
  });

  it("goes out to a relay that takes events but lets us listen to nothing", async () => {
    relay.faults.refuseReqs = ["blocked: write only"];
    relay.dropAll();
    await until(() => harness.health(relay.url).state === "backing-off");
    harness.advance(2_000);
    await until(() => harness.health(relay.url).lastRefusal === "blocked: write only");
    harness.links.publish(response(), [relay.url]);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
  });

  it("goes out at once and is ok", async () => {
    const event = response();
    harness.links.publish(event, [relay.url]);
    await until(() => harness.published.length === 1);
    expect(harness.published).toEqual([{ relay: relay.url, eventId: event.id, outcome: "ok", reason: "" }]);
    expect(sent()).toEqual([event]);
    expect(harness.health(relay.url).lastOkAt).toBe(harness.now);
  });

  it("waits for the link to open", async () => {
    relay.dropAll();
    await until(() => harness.health(relay.url).state === "backing-off");
    harness.links.publish(response(), [relay.url]);
    harness.advance(2_000);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
  });

  it("is ok when the relay has it already", async () => {
    relay.faults.refuseEvents = ["duplicate: have it"];
    harness.links.publish(response(), [relay.url]);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
  });

  it("is sent again as the same event after rate-limited", async () => {
    relay.faults.refuseEvents = ["rate-limited: slow down", "rate-limited: slower"];
    const event = response();
    harness.links.publish(event, [relay.url]);
    await until(() => relay.faults.refuseEvents.length === 1);
    await until(() => harness.health(relay.url).lastRefusal === "rate-limited: slow down");
    expect(harness.published).toEqual([]);
    harness.advance(2_000);
    await until(() => harness.health(relay.url).lastRefusal === "rate-limited: slower");
    harness.advance(3_999);
    await settle();
    expect(sent()).toHaveLength(2);
    harness.advance(1);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
    expect(sent()).toEqual([event, event, event]);
  });

  it("tells its owner when it is to be sent again", async () => {
    relay.faults.refuseEvents = ["rate-limited: slow down"];
    harness.links.publish(response(), [relay.url]);
    await until(() => harness.dues.at(-1) === harness.now + 2_000);
    expect(harness.links.nextDue(harness.now)).toBe(harness.now + 2_000);
  });

  it.each([
    ["mute: nobody is here", "gone"],
    ["invalid: bad event", "refused"],
    ["blocked: not you", "refused"],
    ["pow: 28 bits needed", "refused"],
  ])("is given up after %j", async (reason, outcome) => {
    relay.faults.refuseEvents = [reason];
    const event = response();
    harness.links.publish(event, [relay.url]);
    await until(() => harness.published.length === 1);
    expect(harness.published).toEqual([{ relay: relay.url, eventId: event.id, outcome, reason }]);
    harness.advance(60_000);
    await settle();
    expect(sent()).toHaveLength(1);
    expect(harness.health(relay.url).lastRefusal).toBe(reason);
  });

  it("is reported as too large when the relay says so", async () => {
    relay.faults.maxEventChars = 1_000;
    harness.links.publish(response("x".repeat(2_000)), [relay.url]);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["too-large"]);
  });

  it("is reported as too large when the relay closes the socket over it, and does not do so for ever", async () => {
    relay.faults.maxEventChars = 1_000;
    relay.faults.closesOnLarge = true;
    const small = response();
    harness.links.publish(response("x".repeat(2_000)), [relay.url]);
    harness.links.publish(small, [relay.url]);
    await until(() => harness.outcomes().includes("too-large"));
    harness.advance(4_000);
    await until(() => harness.published.some(({ eventId, outcome }) => eventId === small.id && outcome === "ok"));
    expect(harness.health(relay.url).state).toBe("open");
  });

  it("is sent again as the same event when its OK is missing, and the socket is probed", async () => {
    relay.faults.dropOks = 1;
    const event = response();
    harness.links.publish(event, [relay.url]);
    await until(() => sent().length === 1);
    harness.advance(10_000);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
    expect(sent()).toEqual([event, event]);
    await until(() => relay.framesOf("REQ").some((frame) => frame[1] === "probe"));
    await harness.open(relay.url);
  });

  it("is given back in time for a fresh envelope when its OK never comes", async () => {
    relay.faults.dropOks = Infinity;
    harness.links.publish(response(), [relay.url]);
    for (let round = 0; round < 4; round++) {
      await settle();
      harness.advance(10_000);
    }
    expect(harness.published).toMatchObject([{ outcome: "unanswered", reason: "no OK after 4 tries" }]);
    harness.advance(120_000);
    await settle();
    expect(sent()).toHaveLength(4);
  });

  it("is sent again over the next socket when the first one died before its OK", async () => {
    relay.faults.dropOks = 1;
    const event = response();
    harness.links.publish(event, [relay.url]);
    await until(() => sent().length === 1);
    relay.dropAll();
    await until(() => harness.health(relay.url).state === "backing-off");
    harness.advance(2_000);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
    expect(sent()).toEqual([event, event]);
  });

  it("is sent over a half-open socket in vain, and then over a fresh one", async () => {
    relay.faults.isSilent = true;
    harness.links.publish(response(), [relay.url]);
    await until(() => sent().length === 1);
    harness.advance(10_000);
    expect(harness.health(relay.url).state).toBe("probing");
    relay.faults.isSilent = false;
    harness.advance(10_000);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
    expect(relay.opened).toBe(2);
  });

  it("is given back unsent when no socket took it", async () => {
    relay.faults.refuse = { status: 503 };
    relay.dropAll();
    await until(() => harness.health(relay.url).state === "backing-off");
    harness.links.publish(response(), [relay.url]);
    harness.advance(40_000);
    expect(harness.published).toMatchObject([{ outcome: "unsent", reason: "no socket was open" }]);
  });

  it("is given back at once for a relay that is not wanted", () => {
    harness.links.publish(response(), ["wss://elsewhere.example"]);
    expect(harness.published).toMatchObject([{ relay: "wss://elsewhere.example", outcome: "unsent", reason: "not a wanted relay" }]);
  });

  it("is sent once, however often and under whatever spelling its relay is named", async () => {
    const event = response();
    harness.links.publish(event, [relay.url, `${relay.url}/`]);
    harness.links.publish(event, [relay.url]);
    await until(() => harness.published.length === 1);
    await settle();
    expect(sent()).toEqual([event]);
  });

  it("reaches the one relay that is up out of three", async () => {
    const down = await startFaultRelay({ faults: { refuse: { status: 503 } } });
    const stalled = await startFaultRelay({ faults: { stalls: true } });
    const urls = [down.url, stalled.url, relay.url];
    harness.want(...urls.map((url) => ({ relay: url, pubkeys: [signer.pubkey] })));
    const event = response();
    harness.links.publish(event, urls);
    await until(() => harness.published.length === 1);
    expect(harness.published).toMatchObject([{ relay: relay.url, outcome: "ok" }]);
    await down.close();
    await stalled.close();
  });

  it("is still delivered when its relay is wanted no more the moment after", async () => {
    relay.faults.dropOks = 1;
    const event = response();
    harness.links.publish(event, [relay.url]);
    harness.want();
    await until(() => sent().length === 1);
    expect(relay.connections()).toBe(1);
    harness.advance(10_000);
    await until(() => harness.published.length === 1);
    expect(harness.outcomes()).toEqual(["ok"]);
    harness.advance(30_000);
    await until(() => relay.connections() === 0);
    expect(harness.links.nextDue(harness.now)).toBeUndefined();
  });
});
