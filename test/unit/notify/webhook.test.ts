// A webhook call: its signature as a receiver checks it, where it may lead, and what it makes of every answer.

import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { callWebhook, webhookProblem, webhookSignature } from "../../../src/notify/webhook.ts";

const CALL = { id: "c1", event: "approval.pending", body: '{"event":"approval.pending"}' } as const;
const TARGET = { url: "https://hooks.example.org/x", webhookSecret: "the secret" };

describe("the signature", () => {
  it("is what a receiver computes from the time, the body and the secret", () => {
    const expected = createHmac("sha256", "the secret").update("1795000000.{}").digest("hex");
    expect(webhookSignature("the secret", 1_795_000_000, "{}")).toBe(`t=1795000000,v1=${expected}`);
  });
});

describe("an address", () => {
  it.each(["https://hooks.example.org/x", "https://hooks.example.org:8443/x?y=1"])("may be called: %s", (url) => {
    expect(webhookProblem(url, { allowInsecure: false })).toBeUndefined();
  });

  it.each([
    "http://hooks.example.org/",
    "https://user:pass@hooks.example.org/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://10.0.0.1.nip.io/",
    "https://0x7f000001/",
    "ftp://hooks.example.org/",
    "https://hooks.example.org/#x",
    "no address",
  ])("is never called: %s", (url) => {
    expect(webhookProblem(url, { allowInsecure: false })).toMatch(/^expected/);
  });
});

describe("a call", () => {
  const call = (answer: () => Promise<Response>) => {
    const seen: { url: string; init: RequestInit }[] = [];
    const outcome = callWebhook(TARGET, CALL, 1_795_000_000_000, (url, init) => {
      seen.push({ url, init });
      return answer();
    });
    return { outcome, seen };
  };

  it("carries the body as it was signed, and follows no redirect", async () => {
    const { outcome, seen } = call(() => Promise.resolve(new Response(null, { status: 204 })));
    expect(await outcome).toEqual({ ok: true, status: 204 });
    expect(seen[0]).toMatchObject({ url: TARGET.url, init: { method: "POST", body: CALL.body, redirect: "manual" } });
    const headers = new Headers(seen[0]?.init.headers);
    expect(headers.get("countersign-signature")).toBe(webhookSignature(TARGET.webhookSecret, 1_795_000_000, CALL.body));
    expect(headers.get("countersign-delivery")).toBe("c1");
  });

  it.each([301, 404, 500])("that is answered with %d is tried again", async (status) => {
    const { outcome } = call(() => Promise.resolve(new Response(null, { status })));
    expect(await outcome).toEqual({ ok: false, reason: `the receiver answered with status ${status}` });
  });

  it("that reaches nobody says nothing of the address", async () => {
    const { outcome } = call(() => Promise.reject(new Error("connect ECONNREFUSED https://hooks.example.org/x?key=1")));
    expect(JSON.stringify(await outcome)).not.toContain("example.org");
  });
});
