// Which REQs are open, what they ask for and since when.

import { describe, expect, it } from "vitest";
import { REPLAY_SECONDS, Subscriptions } from "../../../durable-objects/bunker/relay-links/subscriptions.ts";
import type { RemoteSignerPubkey } from "../../../src/protocol/keys.ts";

const NOW = 1_700_000_000_000;
const SECONDS = NOW / 1000;

function keys(count: number, from = 0): RemoteSignerPubkey[] {
  return Array.from({ length: count }, (_, index) => (from + index).toString(16).padStart(64, "0") as RemoteSignerPubkey);
}

function live(count: number, keysPerReq = 100): Subscriptions {
  const subscriptions = new Subscriptions(keysPerReq);
  subscriptions.setKeys(keys(count), SECONDS);
  for (const { id } of subscriptions.take(NOW)) subscriptions.eose(id, NOW);
  return subscriptions;
}

describe("subscriptions", () => {
  it("ask once for all keys of a link", () => {
    const subscriptions = new Subscriptions(100);
    subscriptions.setKeys(keys(3), SECONDS);
    expect(subscriptions.take(NOW)).toEqual([{ id: "s1", filter: { kinds: [24_133], "#p": keys(3), since: SECONDS - 60 } }]);
    expect(subscriptions.take(NOW)).toEqual([]);
  });

  it("come in batches of the configured size", () => {
    const subscriptions = new Subscriptions(2);
    subscriptions.setKeys(keys(5), SECONDS);
    expect(subscriptions.take(NOW).map(({ filter }) => filter?.["#p"]?.length)).toEqual([2, 2, 1]);
  });

  it("never say limit, because a gap is what they ask about", () => {
    const subscriptions = live(1);
    subscriptions.forget();
    for (const { filter } of subscriptions.take(NOW + 1_000)) expect(filter).not.toHaveProperty("limit");
  });

  it("ask from a minute before the last contact after a gap", () => {
    const subscriptions = live(1);
    subscriptions.heard(NOW + 30_000);
    subscriptions.forget();
    expect(subscriptions.take(NOW + 200_000)[0]?.filter?.since).toBe(SECONDS + 30 - 60);
  });

  it("ask for nothing that would be refused as too old anyway", () => {
    const subscriptions = live(1);
    subscriptions.forget();
    expect(subscriptions.take(NOW + 86_400_000)[0]?.filter?.since).toBe(SECONDS + 86_400 - REPLAY_SECONDS);
  });

  it("count as covered only while the relay has said EOSE", () => {
    const subscriptions = new Subscriptions(100);
    subscriptions.setKeys(keys(1), SECONDS);
    subscriptions.take(NOW);
    subscriptions.heard(NOW + 100_000);
    expect(subscriptions.since(NOW + 100_000)).toBe(SECONDS - 60);
  });

  it("ask again only for the batch whose keys changed", () => {
    const subscriptions = live(4, 2);
    subscriptions.setKeys([...keys(3), ...keys(1, 50)], SECONDS);
    expect(subscriptions.take(NOW)).toEqual([
      { id: "s3", filter: expect.objectContaining({ "#p": [keys(1, 2)[0], keys(1, 50)[0]] }) },
      { id: "s2", filter: undefined },
    ]);
  });

  it("are closed when their last key is gone", () => {
    const subscriptions = live(3, 2);
    subscriptions.setKeys(keys(2), SECONDS);
    expect(subscriptions.take(NOW)).toEqual([{ id: "s2", filter: undefined }]);
  });

  it("are asked again after CLOSED, later each time", () => {
    const subscriptions = live(1);
    subscriptions.refused("s1", NOW, 0);
    expect(subscriptions.take(NOW + 1_999)).toEqual([]);
    expect(subscriptions.take(NOW + 2_000)).toHaveLength(1);
    subscriptions.refused("s2", NOW + 2_000, 0);
    expect(subscriptions.dueAt()).toBe(NOW + 6_000);
  });

  it("do not take the EOSE of an older REQ for an answer about newer keys", () => {
    const subscriptions = new Subscriptions(100);
    subscriptions.setKeys(keys(1), SECONDS);
    subscriptions.take(NOW);
    subscriptions.setKeys(keys(2), SECONDS);
    subscriptions.take(NOW);
    subscriptions.eose("s1", NOW);
    expect(keys(2).map((key) => subscriptions.maySpeak(key, NOW))).toEqual([false, false]);
    subscriptions.eose("s2", NOW);
    expect(keys(2).map((key) => subscriptions.maySpeak(key, NOW))).toEqual([true, true]);
  });

  it("keep a refused batch's patience when a key is added", () => {
    const subscriptions = live(1);
    subscriptions.refused("s1", NOW, 0);
    subscriptions.setKeys(keys(2), SECONDS);
    expect(subscriptions.take(NOW + 1)).toEqual([]);
  });

  it("are asked again when neither EOSE nor CLOSED comes", () => {
    const subscriptions = new Subscriptions(100);
    subscriptions.setKeys(keys(1), SECONDS);
    subscriptions.take(NOW);
    expect(subscriptions.take(NOW + 29_999)).toEqual([]);
    expect(subscriptions.take(NOW + 30_000).map(({ id }) => id)).toEqual(["s2", "s1"]);
  });

  it("probe with one key, in the shape of the REQ that the relay serves", () => {
    expect(live(3).probeFilter(NOW)).toEqual({ kinds: [24_133], "#p": keys(1), since: SECONDS, limit: 1 });
  });
});
