// Links against a relay that misbehaves on demand: opening, staying open, and coming back.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFaultRelay } from "../../support/fault-relay.ts";
import type { FaultRelay } from "../../support/fault-relay.ts";
import { createNodeDial } from "../../support/node-dial.ts";
import { LinkHarness, newSigner, requestTo, settle, until } from "../../support/link-harness.ts";

const SILENCE_MS = 61_000; // beyond the minute after which a silent socket is probed
const STEADY_MS = 60_000;

describe("a relay link", () => {
  const signer = newSigner();
  let relay: FaultRelay;
  let harness: LinkHarness;

  beforeEach(async () => {
    relay = await startFaultRelay();
    harness = new LinkHarness([signer]);
  });

  afterEach(async () => {
    harness.close();
    await relay.close();
  });

  function want(): void {
    harness.want({ relay: relay.url, pubkeys: [signer.pubkey] });
  }

  async function opened(): Promise<void> {
    want();
    await harness.open(relay.url);
    await until(() => relay.framesOf("REQ").length > 0);
    await settle();
  }

  it("opens at once when it is wanted, and asks once for its keys", async () => {
    await opened();
    expect(relay.framesOf("REQ")).toEqual([
      ["REQ", "s1", { kinds: [24_133], "#p": [signer.pubkey], since: Math.floor(harness.now / 1000) - 60 }],
    ]);
  });

  it("is told of by its state, from dialing to open", async () => {
    await opened();
    expect(harness.changes.map((health) => health.state)).toEqual(["dialing", "open"]);
  });

  it("hands on requests for our keys", async () => {
    await opened();
    const event = requestTo(signer.pubkey);
    relay.broadcast(event);
    await until(() => harness.received.length === 1);
    expect(harness.received[0]).toEqual({ relay: relay.url, event });
  });

  it("is one socket, however the relay is spelled and however often it is wanted", async () => {
    const other = newSigner();
    harness.want(
      { relay: relay.url, pubkeys: [signer.pubkey] },
      { relay: `${relay.url.replace("ws://", "WS://")}/`, pubkeys: [other.pubkey] },
    );
    await harness.open(relay.url);
    harness.want({ relay: `${relay.url}/`, pubkeys: [signer.pubkey, other.pubkey] });
    await settle();
    expect(relay.dialled).toBe(1);
    expect(harness.links.health()).toHaveLength(1);
    expect(relay.framesOf("REQ")).toHaveLength(1);
  });

  it("asks for a key that is added later, on the same socket", async () => {
    await opened();
    const added = newSigner();
    harness.want({ relay: relay.url, pubkeys: [signer.pubkey, added.pubkey] });
    await until(() => relay.framesOf("REQ").length === 2);
    expect(relay.framesOf("REQ")[1]?.[2]).toMatchObject({ "#p": [signer.pubkey, added.pubkey] });
    expect(relay.dialled).toBe(1);
  });

  it("asks in batches when there are many keys", async () => {
    const many = Array.from({ length: 5 }, newSigner);
    const batched = new LinkHarness(many, { keysPerReq: 2 });
    batched.want({ relay: relay.url, pubkeys: many.map((each) => each.pubkey) });
    await until(() => relay.framesOf("REQ").length === 3);
    const sizes = relay.framesOf("REQ").map((frame) => (frame[2] as { "#p": string[] })["#p"].length);
    expect(sizes).toEqual([2, 2, 1]);
    batched.close();
  });

  it("closes when it is wanted no more, and nothing is due then", async () => {
    await opened();
    harness.want();
    await until(() => relay.connections() === 0);
    expect(harness.links.nextDue(harness.now)).toBeUndefined();
    expect(harness.links.health()).toEqual([]);
  });

  describe("keeps its owner awake", () => {
    it("by a heartbeat every 30 s at most, while a relay is wanted", async () => {
      await opened();
      const due = harness.links.nextDue(harness.now);
      expect(due).toBeLessThanOrEqual(harness.now + 30_000);
      expect(harness.dues).toContain(due);
    });

    it("again, when it had slept without any relay meanwhile", async () => {
      await opened();
      harness.want();
      harness.dues.length = 0;
      harness.now += 3_600_000;
      want();
      expect(harness.dues.length).toBeGreaterThan(0);
      expect(harness.dues.at(-1)).toBeLessThanOrEqual(harness.now + 30_000);
    });

    it("and does not push the alarm away because frames keep coming", async () => {
      await opened();
      const due = harness.links.nextDue(harness.now);
      harness.now += 29_000;
      relay.broadcast(requestTo(signer.pubkey));
      await until(() => harness.received.length === 1);
      expect(harness.links.nextDue(harness.now)).toBe(due);
    });
  });

  describe("backs off", () => {
    it.each([401, 429, 503])("when the handshake is refused with %i, and says so", async (status) => {
      relay.faults.refuse = { status };
      want();
      await until(() => harness.health(relay.url).state === "backing-off");
      expect(harness.health(relay.url)).toMatchObject({
        attempts: 1,
        notBefore: harness.now + 2_000,
        lastRefusal: `refused with HTTP ${status}`,
      });
      expect(harness.changes.at(-1)).toEqual(harness.health(relay.url));
    });

    it("as long as Retry-After says, and then opens", async () => {
      relay.faults.refuse = { status: 429, retryAfter: "120" };
      want();
      await until(() => harness.health(relay.url).state === "backing-off");
      relay.faults.refuse = undefined;
      harness.advance(119_000);
      await settle();
      expect(relay.dialled).toBe(1);
      harness.advance(1_000);
      await harness.open(relay.url);
    });

    it("with jitter: two links do not come back in the same moment", async () => {
      relay.faults.refuse = { status: 503 };
      const late = new LinkHarness([signer], { random: () => 0.5, now: harness.now });
      want();
      late.want({ relay: relay.url, pubkeys: [signer.pubkey] });
      await until(() => [harness, late].every((each) => each.health(relay.url).state === "backing-off"));
      expect(late.health(relay.url).notBefore).toBe(harness.now + 3_000);
      late.close();
    });

    it("and tells its owner when to wake for the next try", async () => {
      relay.faults.refuse = { status: 503 };
      want();
      await until(() => harness.health(relay.url).state === "backing-off");
      expect(harness.dues.at(-1)).toBe(harness.now + 2_000);
    });

    it("through a restart of the object: the stored row decides", async () => {
      relay.faults.refuse = { status: 503, retryAfter: "300" };
      want();
      await until(() => harness.health(relay.url).state === "backing-off");
      relay.faults.refuse = undefined;
      const woken = new LinkHarness([signer], { stored: harness.changes.slice(-1), now: harness.now + 5_000 });
      woken.want({ relay: relay.url, pubkeys: [signer.pubkey] });
      await settle();
      expect(relay.dialled).toBe(1);
      woken.advance(295_000);
      await woken.open(relay.url);
      woken.close();
    });

    it("even when the relay was not wanted for a moment", async () => {
      relay.faults.refuse = { status: 503, retryAfter: "300" };
      want();
      await until(() => harness.health(relay.url).state === "backing-off");
      harness.want();
      want();
      await settle();
      expect(harness.health(relay.url)).toMatchObject({ state: "backing-off", attempts: 1, notBefore: harness.now + 300_000 });
      expect(relay.dialled).toBe(1);
    });

    it("longer each time from a relay that lets us in and closes at once", async () => {
      relay.faults.closesAfterMs = 1;
      want();
      const waits: number[] = [];
      for (let round = 1; round <= 4; round++) {
        await until(() => harness.health(relay.url).state === "backing-off" && harness.health(relay.url).attempts === round);
        waits.push((harness.health(relay.url).notBefore ?? 0) - harness.now);
        harness.advance(waits.at(-1) ?? 0);
      }
      expect(waits).toEqual([2_000, 4_000, 8_000, 16_000]);
    });

    it("from nothing again after the link was open for a minute", async () => {
      relay.faults.refuse = { status: 503 };
      want();
      await until(() => harness.health(relay.url).state === "backing-off");
      relay.faults.refuse = undefined;
      harness.advance(2_000);
      await harness.open(relay.url);
      expect(harness.health(relay.url).attempts).toBe(1);
      harness.advance(STEADY_MS);
      await harness.open(relay.url);
      expect(harness.health(relay.url).attempts).toBe(0);
    });

    it("from a relay that is not there at all", async () => {
      await relay.close();
      want();
      await until(() => harness.health(relay.url).state === "backing-off");
      relay = await startFaultRelay({ port: relay.port });
      harness.advance(2_000);
      await harness.open(relay.url);
      expect(harness.health(relay.url).lastRefusal).toContain("ECONNREFUSED");
    });
  });

  describe("survives", () => {
    it("a restart of the relay, asking from a minute before the last contact", async () => {
      await opened();
      const lastContact = harness.now;
      harness.advance(30_000);
      relay.dropAll();
      await until(() => harness.health(relay.url).state === "backing-off");
      harness.advance(2_000);
      await until(() => relay.framesOf("REQ").length === 2);
      expect(relay.framesOf("REQ")[1]?.[2]).toEqual({
        kinds: [24_133],
        "#p": [signer.pubkey],
        since: Math.floor(lastContact / 1000) - 60,
      });
      await harness.open(relay.url);
      expect(harness.health(relay.url).reconnects).toBe(1);
    });

    it("an eviction: the woken object dials at once and misses nothing that the relay stored", async () => {
      await opened();
      harness.advance(30_000);
      const rows = harness.changes.slice(-1);
      harness.close();
      const missed = requestTo(signer.pubkey);
      relay.store(missed);
      const woken = new LinkHarness([signer], { stored: rows, now: harness.now + 100_000 });
      woken.want({ relay: relay.url, pubkeys: [signer.pubkey] });
      await until(() => woken.received.length === 1);
      expect(woken.received[0]?.event).toEqual(missed);
      expect(woken.health(relay.url).reconnects).toBe(1);
      woken.close();
    });

    it("a half-open socket: silence is probed, an unanswered probe ends in a new socket", async () => {
      await opened();
      relay.faults.isSilent = true;
      harness.advance(SILENCE_MS);
      await until(() => relay.framesOf("REQ").length === 2);
      expect(relay.framesOf("REQ")[1]?.[1]).toBe("probe");
      expect(harness.health(relay.url).state).toBe("probing");
      relay.faults.isSilent = false;
      harness.advance(10_000);
      await until(() => relay.opened === 2);
      await harness.open(relay.url);
      expect(harness.health(relay.url).lastRefusal).toBe("silent: the socket did not answer a probe");
    });

    it("an idle hour on one socket when its probes are answered", async () => {
      await opened();
      for (let seconds = 0; seconds < 3_600; seconds += 5) {
        harness.advance(5_000);
        await until(() => harness.health(relay.url).state === "open");
      }
      expect(relay.opened).toBe(1);
      const probes = relay.framesOf("REQ").filter((frame) => frame[1] === "probe");
      expect(probes.length).toBeGreaterThan(25);
      expect(relay.framesOf("CLOSE")).toHaveLength(probes.length);
    });

    it("a relay that answers probes with CLOSED", async () => {
      await opened();
      relay.faults.refuseReqs = ["restricted: no such filter"];
      harness.advance(SILENCE_MS);
      await until(() => relay.faults.refuseReqs.length === 0);
      await harness.open(relay.url);
      expect(relay.opened).toBe(1);
    });

    it("junk, foreign events and frames that nobody asked for", async () => {
      await opened();
      for (const junk of [
        "",
        "{",
        "[]",
        "null",
        '["EVENT"]',
        '["EVENT","s1",{}]',
        '["OK"]',
        '["EOSE","nobody"]',
        '["CLOSED","nobody","x"]',
        '["?"]',
      ]) {
        relay.sendAll(junk);
      }
      relay.sendUnasked(requestTo(newSigner().pubkey));
      relay.sendUnasked(requestTo(signer.pubkey, { kind: 1 }));
      relay.sendUnasked(requestTo(signer.pubkey, { content: "x".repeat(140_000) }));
      const real = requestTo(signer.pubkey);
      relay.broadcast(real);
      await until(() => harness.received.length > 0);
      expect(harness.received.map(({ event }) => event)).toEqual([real]);
      expect(relay.opened).toBe(1);
    });

    it("a frame of 10 MB: that socket is closed, nothing is read, the other relay stays", async () => {
      const other = await startFaultRelay();
      harness.want({ relay: relay.url, pubkeys: [signer.pubkey] }, { relay: other.url, pubkeys: [signer.pubkey] });
      await harness.open(relay.url);
      await harness.open(other.url);
      await until(() => relay.framesOf("REQ").length > 0);
      relay.sendUnasked(requestTo(signer.pubkey, { content: "x".repeat(10_000_000) }));
      await until(() => harness.health(relay.url).state === "backing-off");
      expect(harness.received).toEqual([]);
      expect(harness.health(relay.url).lastRefusal).toMatch(/^frame of 10\d+ characters/);
      expect(harness.health(other.url).state).toBe("open");
      await other.close();
    });

    it("binary frames: that socket is closed", async () => {
      await opened();
      relay.sendAll(new TextEncoder().encode(JSON.stringify(["EVENT", "s1", requestTo(signer.pubkey)])));
      await until(() => harness.health(relay.url).state === "backing-off");
      expect(harness.received).toEqual([]);
      expect(harness.health(relay.url).lastRefusal).toBe("binary frame");
    });

    it("a relay that closes its subscription: it is asked again, with patience", async () => {
      relay.faults.refuseReqs = ["error: shutting down", "rate-limited: slow down"];
      want();
      await until(() => relay.framesOf("REQ").length === 1);
      await until(() => harness.health(relay.url).lastRefusal === "error: shutting down");
      harness.advance(2_000);
      await until(() => harness.health(relay.url).lastRefusal === "rate-limited: slow down");
      harness.advance(3_000);
      await settle();
      expect(relay.framesOf("REQ")).toHaveLength(2);
      harness.advance(1_000);
      await until(() => relay.framesOf("REQ").length === 3);
      relay.broadcast(requestTo(signer.pubkey));
      await until(() => harness.received.length === 1);
      expect(relay.opened).toBe(1);
    });

    it("a notice: it is shown, nothing else", async () => {
      await opened();
      relay.sendAll(JSON.stringify(["NOTICE", "we are\u0007full"]));
      await until(() => harness.health(relay.url).lastRefusal !== null);
      expect(harness.health(relay.url).lastRefusal).toBe("notice: we are full");
    });
  });

  it("keeps no socket that nobody wants any more by the time that it opens", async () => {
    const gate = Promise.withResolvers<void>();
    const node = createNodeDial();
    const slow = new LinkHarness([signer], {
      dial: async (url) => {
        await gate.promise;
        return node.dial(url);
      },
    });
    slow.want({ relay: relay.url, pubkeys: [signer.pubkey] });
    slow.want();
    gate.resolve();
    await until(() => relay.opened === 1);
    await until(() => relay.connections() === 0);
    expect(slow.links.health()).toEqual([]);
    expect(relay.frames).toEqual([]);
  });
});
