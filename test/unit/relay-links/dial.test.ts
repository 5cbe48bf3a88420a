// The dial with a fetch of the test's own: what it asks for, how it refuses, and that a dead socket is reported once.

import { describe, expect, it, vi } from "vitest";
import { createDial, DIALS_AT_ONCE, parseRetryAfter } from "../../../durable-objects/bunker/relay-links/dial.ts";
import type { UpgradeFetch } from "../../../durable-objects/bunker/relay-links/dial.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
type Listener = (event: never) => void;

class PaperSocket {
  readonly calls: string[] = [];
  readonly #listeners = new Map<string, Listener>();
  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }
  accept(): void {
    this.calls.push("accept");
  }
  send(text: string): void {
    this.calls.push(`send ${text}`);
  }
  close(code?: number): void {
    this.calls.push(`close ${code}`);
  }
  fire(type: string, event: unknown): void {
    this.#listeners.get(type)?.(event as never);
  }
}

function answer(status: number, headers: Record<string, string> = {}, webSocket: PaperSocket | null = null) {
  const cancel = vi.fn(async () => {});
  return { cancel, response: { status, headers: new Headers(headers), body: { cancel }, webSocket } };
}

async function dialled(socket: PaperSocket) {
  const outcome = await createDial({ fetch: async () => answer(101, {}, socket).response, now: () => NOW })("wss://relay.example");
  if (!outcome.ok) throw new Error("expected a socket, got a refusal");
  return outcome.socket;
}

describe("a dial", () => {
  it("asks for an upgrade over https, for wss, and follows no redirect", async () => {
    const fetch = vi.fn<UpgradeFetch>(async () => answer(101, {}, new PaperSocket()).response);
    await createDial({ fetch, now: () => NOW })("wss://relay.example/Path");
    expect(fetch).toHaveBeenCalledWith(
      "https://relay.example/Path",
      expect.objectContaining({ headers: { Upgrade: "websocket" }, redirect: "manual" }),
    );
  });

  it("says the status and Retry-After of a refusal, and gives its body up", async () => {
    const { response, cancel } = answer(429, { "Retry-After": "120" });
    const outcome = await createDial({ fetch: async () => response, now: () => NOW })("wss://relay.example");
    expect(outcome).toEqual({ ok: false, reason: "refused with HTTP 429", retryAfterSeconds: 120 });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("takes a redirect for a refusal", async () => {
    const { response } = answer(302, { Location: "http://10.0.0.1/" });
    const outcome = await createDial({ fetch: async () => response, now: () => NOW })("wss://relay.example");
    expect(outcome).toEqual({ ok: false, reason: "refused with HTTP 302" });
  });

  it("never throws and tells nothing of the network", async () => {
    const outcome = await createDial({ fetch: () => Promise.reject(new Error("getaddrinfo ENOTFOUND relay.internal")), now: () => NOW })(
      "wss://relay.example",
    );
    expect(outcome).toEqual({ ok: false, reason: "not reachable" });
  });

  it("gives up on a handshake that stalls, aborts it, and closes a socket that comes afterwards", async () => {
    vi.useFakeTimers();
    try {
      const late = Promise.withResolvers<Awaited<ReturnType<UpgradeFetch>>>();
      const fetch = vi.fn<UpgradeFetch>(() => late.promise);
      const outcome = createDial({ fetch, now: () => NOW })("wss://relay.example");
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await outcome).toEqual({ ok: false, reason: "no answer within 10 s" });
      expect(fetch.mock.calls[0]?.[1].signal.aborted).toBe(true);
      const socket = new PaperSocket();
      late.resolve(answer(101, {}, socket).response);
      await vi.advanceTimersByTimeAsync(0);
      expect(socket.calls).toEqual(["accept", "close 1000"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("leaves no timer behind, because a pending one keeps the object from sleeping", async () => {
    vi.useFakeTimers();
    try {
      await createDial({ fetch: async () => answer(101, {}, new PaperSocket()).response, now: () => NOW })("wss://relay.example");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("has at most six handshakes under way", async () => {
    const waiting: (() => void)[] = [];
    const fetch: UpgradeFetch = () => new Promise((resolve) => waiting.push(() => resolve(answer(101, {}, new PaperSocket()).response)));
    const dial = createDial({ fetch, now: () => NOW });
    const dials = Array.from({ length: 20 }, () => dial("wss://relay.example"));
    await vi.waitUntil(() => waiting.length === DIALS_AT_ONCE);
    let answered = 0;
    while (answered < 20) {
      expect(waiting.length - answered).toBeLessThanOrEqual(DIALS_AT_ONCE);
      await vi.waitUntil(() => waiting.length > answered);
      waiting[answered]?.();
      answered += 1;
    }
    expect((await Promise.all(dials)).every((outcome) => outcome.ok)).toBe(true);
  });
});

describe("a dialled socket", () => {
  it("delivers nothing before somebody listens", async () => {
    const paper = new PaperSocket();
    const socket = await dialled(paper);
    expect(paper.calls).toEqual([]);
    socket.start({ message: () => {}, closed: () => {} });
    expect(paper.calls).toEqual(["accept"]);
  });

  it("is accepted before it is closed when nobody has listened, because the runtime closes no other", async () => {
    const paper = new PaperSocket();
    (await dialled(paper)).close(1000, "");
    expect(paper.calls).toEqual(["accept", "close 1000"]);
  });

  it("reports its end once, although error and close both fire", async () => {
    const paper = new PaperSocket();
    const closed = vi.fn();
    (await dialled(paper)).start({ message: () => {}, closed });
    paper.fire("error", {});
    paper.fire("close", { code: 1006, reason: "" });
    expect(closed.mock.calls).toEqual([[1006, ""]]);
  });

  it("says nothing of an end that was our own", async () => {
    const paper = new PaperSocket();
    const closed = vi.fn();
    const socket = await dialled(paper);
    socket.start({ message: () => {}, closed });
    socket.close(1000, "");
    paper.fire("close", { code: 1000, reason: "" });
    expect(closed).not.toHaveBeenCalled();
  });
});

describe("Retry-After", () => {
  it.each([
    [null, undefined],
    ["30", 30],
    [" 0 ", 0],
    ["Fri, 20 Nov 2026 12:02:00 GMT", 120],
    ["Fri, 20 Nov 2026 11:00:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
    ["1e9", undefined],
  ])("%j is %s seconds", (value, seconds) => {
    expect(parseRetryAfter(value, NOW)).toBe(seconds);
  });
});
