// Section F: what a relay may do to a signer that listens on it. The relay is ours and misbehaves on demand; it shows every frame that the
// bunker sent, so that "once" and "the same event" can be counted.

import { afterEach, describe, expect, it } from "vitest";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { startFaultRelay, type FaultRelay } from "../support/fault-relay.ts";
import { Nip46Client, type Response } from "../support/nip46-client.ts";
import { freePort } from "../../src/tools/ports.ts";
import { forgedPing, randomPubkey, template, useInstance, type HostedBunker } from "./support.ts";

const instance = useInstance({ env: { ALLOW_INSECURE_RELAYS: "true" } });

/** A backoff takes up to four seconds, and two cores are shared. */
const SOON = { timeout: 30_000, interval: 100 };
const TEN_MEGABYTES = 10 * 1024 * 1024;

const relays: FaultRelay[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close();
});

async function faultRelay(options: Parameters<typeof startFaultRelay>[0] = {}): Promise<FaultRelay> {
  const relay = await startFaultRelay(options);
  relays.push(relay);
  return relay;
}

interface RelayItem {
  readonly url: string;
  readonly state: string;
  readonly lastRefusal: string | null;
}

async function relayItem(bunker: HostedBunker, relay: FaultRelay): Promise<RelayItem | undefined> {
  const { relays } = (await bunker.api<{ relays: RelayItem[] }>("GET", "")).body;
  return relays.find(({ url }) => url === relay.url);
}

/** How many REQs of the bunker ask for that key. */
function reqsFor(relay: FaultRelay, pubkey: string): number {
  return relay.framesOf("REQ").filter(([, id, filter]) => id !== "probe" && (filter as { "#p": string[] })["#p"].includes(pubkey)).length;
}

/** Tells the bunker its relays and makes an app that is invited over these alone. It speaks through the relay itself, without a socket. */
async function invitedApp(bunker: HostedBunker, urls: readonly string[]): Promise<{ app: Nip46Client; inviteSecret: string }> {
  expect((await bunker.api("PUT", "/relays", { relays: urls })).status).toBe(200);
  const { remoteSigner, inviteSecret } = await bunker.invite({ relays: "outbound" });
  const socket = { send: () => undefined, close: () => undefined, addEventListener: () => undefined };
  return { app: new Nip46Client(socket, remoteSigner), inviteSecret };
}

async function connectedApp(...over: readonly [FaultRelay, ...FaultRelay[]]): Promise<{ bunker: HostedBunker; app: Nip46Client }> {
  const bunker = await instance.bunker();
  const { app, inviteSecret } = await invitedApp(
    bunker,
    over.map(({ url }) => url),
  );
  for (const relay of over) await expect.poll(() => reqsFor(relay, app.remoteSigner), SOON).toBeGreaterThan(0);
  expect(await ask(over[0], app, "connect", [app.remoteSigner, inviteSecret])).toMatchObject({ result: "ack" });
  return { bunker, app };
}

/** Every frame in which the bunker published an answer to that request, repetitions included. */
function answers(relay: FaultRelay, app: Nip46Client, id: string): NostrEvent[] {
  const events = relay.framesOf("EVENT").map(([, event]) => event as NostrEvent);
  return events.filter((event) => event.pubkey === app.remoteSigner && app.read(["EVENT", "", event])?.id === id);
}

function ids(events: readonly NostrEvent[]): Set<string> {
  return new Set(events.map((event) => event.id));
}

async function answerTo(relay: FaultRelay, app: Nip46Client, id: string): Promise<Response> {
  await expect.poll(() => answers(relay, app, id).length, SOON).toBeGreaterThan(0);
  const last = answers(relay, app, id).at(-1);
  const response = last && app.read(["EVENT", "", last]);
  if (response === undefined) throw new Error("expected an answer that the app can open");
  return response;
}

async function ask(relay: FaultRelay, app: Nip46Client, method: string, params: readonly unknown[] = []): Promise<Response> {
  const { id, event } = app.wrap(method, params);
  relay.broadcast(event);
  return answerTo(relay, app, id);
}

async function expectPong(relay: FaultRelay, app: Nip46Client): Promise<void> {
  expect(await ask(relay, app, "ping")).toMatchObject({ result: "pong" });
}

describe("outbound relays", () => {
  it("F97 · a relay that closes the REQ for want of AUTH gets an AUTH as every key of that socket, then the REQ again", async () => {
    const relay = await faultRelay({ faults: { needsAuth: true } });
    const bunker = await instance.bunker();
    const first = await invitedApp(bunker, [relay.url]);
    const second = await invitedApp(bunker, [relay.url]);
    const keys = [first.app.remoteSigner, second.app.remoteSigner];
    await expect.poll(() => new Set(relay.framesOf("AUTH").map(([, event]) => (event as NostrEvent).pubkey)), SOON).toEqual(new Set(keys));
    for (const [, event] of relay.framesOf("AUTH") as [string, NostrEvent][]) {
      expect(event).toMatchObject({ kind: 22_242, tags: expect.arrayContaining([["relay", relay.url]]) as unknown });
    }
    for (const { app, inviteSecret } of [first, second]) {
      // A relay hands events only to REQs that it took.
      await expect.poll(() => reqsFor(relay, app.remoteSigner), SOON).toBeGreaterThan(1);
      expect(await ask(relay, app, "connect", [app.remoteSigner, inviteSecret])).toMatchObject({ result: "ack" });
    }
  });

  it("F98 · a response that is refused for want of AUTH is sent again after it, as the same event", async () => {
    const relay = await faultRelay({ faults: { challengesLate: true } });
    const { app } = await connectedApp(relay);
    relay.faults.refuseEvents.push("auth-required: say who you are");
    const { id, event } = app.wrap("ping", []);
    relay.broadcast(event);
    await expect.poll(() => answers(relay, app, id).length, SOON).toBe(2);
    expect(ids(answers(relay, app, id)).size).toBe(1);
    const [login] = relay.framesOf("AUTH") as [string, NostrEvent][];
    expect(login?.[1].pubkey).toBe(app.remoteSigner);
  });

  it("F99 · rate-limited is tried again with the same event, mute is given up and shown, duplicate is success", async () => {
    const relay = await faultRelay();
    const { bunker, app } = await connectedApp(relay);
    const muted = app.wrap("ping", []);
    const known = app.wrap("ping", []);
    const slowed = app.wrap("ping", []);
    relay.faults.refuseEvents.push("mute: nobody listens for that");
    relay.broadcast(muted.event);
    await expect.poll(async () => (await relayItem(bunker, relay))?.lastRefusal, SOON).toMatch(/^mute:/);
    relay.faults.refuseEvents.push("duplicate: had it");
    relay.broadcast(known.event);
    await answerTo(relay, app, known.id);
    relay.faults.refuseEvents.push("rate-limited: slow down");
    relay.broadcast(slowed.event);
    await expect.poll(() => answers(relay, app, slowed.id).length, SOON).toBe(2);
    expect(ids(answers(relay, app, slowed.id)).size).toBe(1);
    // The pause of the slowed one was time enough for the others, had they been waiting.
    expect(answers(relay, app, muted.id)).toHaveLength(1);
    expect(answers(relay, app, known.id)).toHaveLength(1);
  });

  it("F100 · a socket that drops while a request is in flight: reconnected, asked from before the gap, answered by one event", async () => {
    const relay = await faultRelay();
    const { bunker, app } = await connectedApp(relay);
    const inFlight = app.wrap("sign_event", [template()]);
    const inTheGap = app.wrap("sign_event", [template({ content: "in the gap" })]);
    relay.broadcast(inFlight.event);
    relay.dropAll();
    relay.store(inTheGap.event);
    for (const { id } of [inFlight, inTheGap]) {
      expect((await answerTo(relay, app, id)).result).toBeDefined();
      expect(ids(answers(relay, app, id)).size).toBe(1);
    }
    expect(relay.opened).toBe(2);
    expect(await bunker.activity("sign_event")).toHaveLength(2);
  });

  it("F101 · events for others, junk and frames of 10 MB are dropped, and the last ends that socket alone", async () => {
    const noisy = await faultRelay();
    const quiet = await faultRelay();
    const { bunker, app } = await connectedApp(noisy, quiet);
    const before = (await bunker.api<{ counts: { activity: number } }>("GET", "")).body.counts.activity;
    noisy.sendUnasked(forgedPing(app, { tags: [["p", randomPubkey()]] }));
    noisy.sendUnasked(forgedPing(app, { kind: 1 }));
    noisy.sendUnasked({ kind: 24_133 });
    for (const junk of ["no json", "[]", '["EVENT"]', '["EVENT",1,2]', '["OK"]', "{}", '["AUTH"]']) noisy.sendAll(junk);
    await expectPong(noisy, app);
    expect((await bunker.api<{ counts: { activity: number } }>("GET", "")).body.counts.activity).toBe(before + 1);
    expect(noisy.opened).toBe(1);
    noisy.sendAll(JSON.stringify(["NOTICE", "x".repeat(TEN_MEGABYTES)]));
    await expect.poll(() => noisy.opened, SOON).toBe(2);
    await expectPong(noisy, app);
    await expectPong(quiet, app);
    expect(quiet.opened).toBe(1);
  });

  it("F102 · five minutes of stored requests that come again at each REQ, after a kill too, are answered by nothing twice", async () => {
    const relay = await faultRelay();
    const { bunker, app } = await connectedApp(relay);
    const asked = ["ping", "get_public_key", "sign_event"].map((method) => app.wrap(method, method === "sign_event" ? [template()] : []));
    for (const { id, event } of asked) {
      relay.broadcast(event);
      await answerTo(relay, app, id);
    }
    relay.dropAll();
    await expect.poll(() => reqsFor(relay, app.remoteSigner), SOON).toBe(2);
    await expectPong(relay, app);
    await instance.killAndRestart();
    await expect.poll(() => reqsFor(relay, app.remoteSigner), SOON).toBe(3);
    await expectPong(relay, app);
    for (const { id } of asked) expect(ids(answers(relay, app, id)).size).toBe(1);
    expect(await bunker.activity("sign_event")).toHaveLength(1);
  });

  it("F103 · with all relays but one down the answer still goes out", async () => {
    const up = await faultRelay();
    const refusing = await faultRelay({ faults: { refuse: { status: 503, retryAfter: "60" } } });
    const bunker = await instance.bunker();
    const { app, inviteSecret } = await invitedApp(bunker, [`ws://127.0.0.1:${await freePort()}`, refusing.url, up.url]);
    await expect.poll(() => reqsFor(up, app.remoteSigner), SOON).toBeGreaterThan(0);
    expect(await ask(up, app, "connect", [app.remoteSigner, inviteSecret])).toMatchObject({ result: "ack" });
    expect((await ask(up, app, "sign_event", [template()])).result).toBeDefined();
    expect(await relayItem(bunker, refusing)).toMatchObject({
      state: "backing-off",
      lastRefusal: expect.stringContaining("503") as string,
    });
  });

  it("F104 · an answer that is too large for the relay becomes a short error under the same id, where no other relay takes it", async () => {
    const small = await faultRelay({ faults: { maxEventChars: 8_000 } });
    const closing = await faultRelay({ faults: { maxEventChars: 8_000, closesOnLarge: true } });
    const large = template({ content: "x".repeat(20_000) });
    for (const relay of [small, closing]) {
      const { app } = await connectedApp(relay);
      const { id, event } = app.wrap("sign_event", [large]);
      relay.broadcast(event);
      await expect.poll(() => answers(relay, app, id).length, SOON).toBeGreaterThan(1);
      expect(await answerTo(relay, app, id)).toEqual({ id, result: "error", error: expect.stringContaining("too large") as string });
      await expectPong(relay, app);
    }
    const roomy = await faultRelay();
    const tight = await faultRelay({ faults: { maxEventChars: 8_000 } });
    const { app } = await connectedApp(tight, roomy);
    const { id, event } = app.wrap("sign_event", [large]);
    tight.broadcast(event);
    expect((await answerTo(roomy, app, id)).error).toBeUndefined();
    // Both relays have had their say by now, and nobody was told of an error.
    await expectPong(tight, app);
    await expectPong(roomy, app);
    expect([...answers(tight, app, id), ...answers(roomy, app, id)].map((each) => app.read(["EVENT", "", each])?.error)).not.toContainEqual(
      expect.any(String),
    );
  });
});
