// Links against a relay that we did not write, with and without NIP-42, and through its restart.

import { afterEach, describe, expect, it } from "vitest";
import { LinkHarness, newSigner, requestTo, until } from "../../support/link-harness.ts";
import { startRealRelay } from "../../support/real-relay.ts";
import type { RealRelay } from "../../support/real-relay.ts";

describe.each([
  { mode: "an open relay", auth: false },
  { mode: "a relay with NIP-42", auth: true },
])("over $mode", ({ auth }) => {
  const app = newSigner();
  const signer = newSigner();
  const open: { close(): unknown }[] = [];
  let relay: RealRelay;

  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  async function linked(): Promise<{ ours: LinkHarness; theirs: LinkHarness }> {
    relay = await startRealRelay({ auth });
    const ours = new LinkHarness([signer]);
    const theirs = new LinkHarness([app]);
    open.push(ours, theirs, relay);
    ours.want({ relay: relay.url, pubkeys: [signer.pubkey] });
    theirs.want({ relay: relay.url, pubkeys: [app.pubkey] });
    await Promise.all([ours.open(relay.url), theirs.open(relay.url)]);
    return { ours, theirs };
  }

  /** Sent until it arrives: the relay keeps no ephemeral event for a subscription that comes a moment later. */
  async function exchange(ours: LinkHarness, theirs: LinkHarness): Promise<void> {
    const seen = ours.received.length;
    await until(() => {
      theirs.links.publish(requestTo(signer.pubkey, { author: app.secretKey, content: crypto.randomUUID() }), [relay.url]);
      return ours.received.length > seen;
    });
    const answer = requestTo(app.pubkey, { author: signer.secretKey, content: crypto.randomUUID() });
    ours.links.publish(answer, [relay.url]);
    await until(() => theirs.received.some(({ event }) => event.id === answer.id));
    await until(() => ours.published.some(({ eventId, outcome }) => eventId === answer.id && outcome === "ok"));
  }

  it("a request and its response pass", async () => {
    const { ours, theirs } = await linked();
    await exchange(ours, theirs);
    expect(ours.received.every(({ event }) => event.pubkey === app.pubkey)).toBe(true);
  });

  it("only the keys that are wanted are heard of", async () => {
    const { ours, theirs } = await linked();
    theirs.links.publish(requestTo(newSigner().pubkey, { author: app.secretKey }), [relay.url]);
    await exchange(ours, theirs);
    expect(ours.received.every(({ event }) => event.tags[0]?.[1] === signer.pubkey)).toBe(true);
  });

  it("both come back after its restart", async () => {
    const { ours, theirs } = await linked();
    await relay.close();
    await until(() => [ours, theirs].every((each) => each.health(relay.url).state === "backing-off"));
    relay = await startRealRelay({ auth, port: relay.port });
    open.push(relay);
    open.splice(
      open.findIndex((each) => each !== ours && each !== theirs),
      1,
    );
    ours.advance(2_000);
    theirs.advance(2_000);
    await Promise.all([ours.open(relay.url), theirs.open(relay.url)]);
    await exchange(ours, theirs);
    expect(ours.health(relay.url).reconnects).toBe(1);
  });
});
