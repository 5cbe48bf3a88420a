// The log: one line a request, and nothing in it that opens anything.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { logError } from "../../../src/log.ts";
import { api, ask, newBunker, newToken, SETUP_TOKEN } from "./support.ts";

let lines: string[] = [];
beforeEach(() => {
  lines = [];
  for (const level of ["info", "warn", "error", "log"] as const) {
    vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => void lines.push(parts.map(String).join(" ")));
  }
});
afterEach(() => vi.restoreAllMocks());

describe("a log line", () => {
  it("is JSON with the request's id, its route's pattern and its outcome", async () => {
    const id = await newBunker();
    lines = [];
    const { headers } = await api(`/bunkers/${id}?cursor=x`);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        level: "info",
        event: "request",
        requestId: headers.get("X-Request-Id"),
        method: "GET",
        route: "/api/v1/bunkers/:bunkerId",
        status: 200,
        milliseconds: expect.any(Number),
      },
    ]);
  });

  it("never holds a token, a key, a secret, a query, a body or what was signed", async () => {
    const secretKey = "1b".repeat(32);
    const id = (await api<{ id: string }>("/bunkers", { body: { name: "whispered name", secretKey } })).body.id;
    const token = await newToken(["sign", "invites:write"], { bunker: id, policies: ["bot-notes"] });
    const { bunkerUrl } = (
      await api<{ bunkerUrl: string }>(`/bunkers/${id}/invites`, { body: { name: "whispered app", policy: "bot-notes" }, token })
    ).body;
    await api(`/bunkers/${id}/sign`, {
      body: { event: { kind: 1, created_at: 1_795_000_000, tags: [], content: "whispered text" } },
      token,
    });
    await api(`/bunkers/${id}/sign?token=whispered-query`, {
      body: { event: { kind: 5, created_at: 1, tags: [], content: "whispered text" } },
      token,
    });
    await ask("/approve/whispered-link");
    await api("/bunkers", { token: "whispered-token" });
    await api("/bunkers", { body: '{"name":"whispered' });

    const log = lines.join("\n");
    expect(lines.length).toBeGreaterThan(7);
    const inviteSecret = new URL(bunkerUrl).searchParams.get("secret") ?? "";
    expect(inviteSecret.length).toBeGreaterThanOrEqual(32);
    for (const secret of ["whispered", secretKey, token, token.slice(-43), inviteSecret, SETUP_TOKEN]) expect(log).not.toContain(secret);
  });

  it("of an unexpected error has its name and places, not its message", () => {
    logError("test", { error: new TypeError("the secret is at https://host/path?secret=1\nat whispered") });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? "") as { error: string; at: string };
    expect(line.error).toBe("TypeError");
    expect(line.at).toContain("log.test.ts");
    expect(lines[0]).not.toMatch(/secret=|the secret/);
  });
});
