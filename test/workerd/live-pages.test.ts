// Open pages hear of changes: that, and never what. Whoever may not look any more hears nothing from that moment on.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import { app } from "../../src/app.ts";
import { LIVE_AGE_HEADER, LIVE_PATH, LIVE_PING, LIVE_PONG, LIVE_READY, LIVE_TICKET } from "../../src/live.ts";
import type { PersonPrincipal } from "../../src/people/principal.ts";
import { forgetInstanceState } from "../../src/routes/instance-state.ts";
import { beginInstance, joined, memberId, person, rpc } from "./people.ts";
import { connectedClient, newBunker, note, OPERATOR, value, type BunkerStub } from "./support.ts";

const ORIGIN = "http://localhost:8787";

/** Somebody signed in in one browser. */
interface SignedIn {
  readonly who: PersonPrincipal;
  readonly sessionSecret: string;
  readonly sessionId: string;
}

/** One open page: what it heard, and whether it still listens. */
class OpenPage {
  readonly heard: string[] = [];
  closed: number | undefined;
  readonly #socket: WebSocket;
  #wake: () => void = () => undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.accept();
    socket.addEventListener("message", ({ data }) => {
      this.heard.push(String(data));
      this.#wake();
    });
    socket.addEventListener("close", ({ code }) => {
      this.closed = code;
      this.#wake();
    });
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async hears(messages: number): Promise<readonly string[]> {
    await this.until(() => this.heard.length >= messages || this.closed !== undefined);
    return this.heard;
  }
}

let bunker: BunkerStub;
beforeAll(async () => {
  await beginInstance();
  bunker = await newBunker();
});

const accountOf = (who: PersonPrincipal) => env.ACCOUNT.get(env.ACCOUNT.idFromString(who.accountId));

let people = 0;

/** Somebody new, signed in, who may read in that bunker. */
async function signedIn(on = bunker): Promise<SignedIn> {
  const who = await joined(on, "viewer", `viewer-${(people += 1)}@example.org`);
  const { sessionSecret } = value(await accountOf(who).openClaimedSession({ browser: "Firefox" }));
  const session = await accountOf(who).authenticate(sessionSecret);
  return { who, sessionSecret, sessionId: session?.sessionId ?? "" };
}

async function openPage({ who, sessionId }: SignedIn, on = bunker, age = 0): Promise<OpenPage> {
  const { ticket } = value(await rpc(on).openLive(who, sessionId));
  const socket = (await upgrade(ticket, on, age)).webSocket;
  if (socket === null) throw new Error("expected a socket");
  return new OpenPage(socket);
}

function upgrade(ticket: string, on = bunker, age = 0): Promise<Response> {
  return on.fetch(`https://bunker.internal${LIVE_PATH}`, {
    headers: { Upgrade: "websocket", [LIVE_TICKET]: ticket, [LIVE_AGE_HEADER]: String(age) },
  });
}

/** Something that is written into the activity. */
const change = async (on = bunker) => {
  value(await on.lock(OPERATOR));
  value(await on.unlock(OPERATOR));
};

describe("an open page", () => {
  it("hears what kind of thing has changed, and not a word more", async () => {
    const page = await openPage(await signedIn());
    const client = await connectedClient(bunker, { name: "secret-project-bot" });
    expect(JSON.parse((await page.hears(1))[0] ?? "")).toEqual({ changed: ["activity", "apps"] });
    page.send(LIVE_READY);
    await client.request("sign_event", [note("breaking news")]);
    await page.hears(2);
    for (const text of page.heard) expect(text).toMatch(/^\{"changed":\["activity"(,"apps")?\]\}$/);
  });

  it("hears at once of what came between its reading and its socket, and of nothing where nothing did", async () => {
    const own = await newBunker();
    const viewer = await signedIn(own);
    await change(own);
    const late = await openPage(viewer, own, 60_000);
    expect(JSON.parse((await late.hears(1))[0] ?? "")).toEqual({ changed: ["activity", "approvals", "apps", "state"] });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 120_000 });
    const fresh = await openPage(viewer, own, 60_000);
    await change(own);
    // The first thing that it hears is what came after.
    expect(JSON.parse((await fresh.hears(1))[0] ?? "")).toEqual({ changed: ["activity", "state"] });
    vi.useRealTimers();
  });

  it("is told once, and again only after it has said that it is ready", async () => {
    const page = await openPage(await signedIn());
    for (let times = 0; times < 3; times += 1) await change();
    await page.hears(1);
    await change();
    page.send(LIVE_READY);
    expect(await page.hears(2)).toHaveLength(2);
    page.send(LIVE_READY);
    const other = await openPage(await signedIn());
    await change();
    await Promise.all([page.hears(3), other.hears(1)]);
    expect([page.heard.length, other.heard.length]).toEqual([3, 1]);
  });

  it("is still there, and told what it was not, after a hibernation", async () => {
    const own = await newBunker();
    const page = await openPage(await signedIn(own), own);
    await change(own);
    await page.hears(1);
    await change(own);
    await evictDurableObject(own);
    page.send(LIVE_READY);
    expect(await page.hears(2)).toHaveLength(2);
    page.send(LIVE_READY);
    await evictDurableObject(own);
    await change(own);
    expect(await page.hears(3)).toHaveLength(3);
  });

  it("gets an answer to whether its socket lives, from the runtime itself", async () => {
    const page = await openPage(await signedIn());
    page.send(LIVE_PING);
    expect(await page.hears(1)).toEqual([LIVE_PONG]);
  });

  it("has nothing else to say", async () => {
    const page = await openPage(await signedIn());
    page.send('["REQ","x",{"kinds":[24133]}]');
    await page.until(() => page.closed !== undefined);
    expect([page.closed, page.heard]).toEqual([4400, []]);
  });

  it("takes no place of the relay's, gets none of its messages, and goes with the bunker", async () => {
    const own = await newBunker();
    const page = await openPage(await signedIn(own), own);
    const client = await connectedClient(own);
    expect((await client.request("ping")).result).toBe("pong");
    await page.hears(1);
    expect(page.heard.every((text) => text.startsWith('{"changed"'))).toBe(true);
    value(await own.delete(OPERATOR, 0));
    await page.until(() => page.closed !== undefined);
    expect(page.closed).toBe(4410);
  });

  it("makes room for a newer page of the same person, beyond twenty", async () => {
    const own = await newBunker();
    const viewer = await signedIn(own);
    const first = await openPage(viewer, own);
    for (let pages = 0; pages < 20; pages += 1) await openPage(viewer, own);
    await first.until(() => first.closed !== undefined);
    expect(first.closed).toBe(4409);
  });
});

describe("whoever may not look any more", () => {
  it("hears nothing from their removal on", async () => {
    const own = await newBunker();
    const viewer = await signedIn(own);
    const page = await openPage(viewer, own);
    value(await own.removeMember(OPERATOR, await memberId(own, viewer.who.email)));
    await page.hears(1);
    expect([page.closed, page.heard]).toEqual([4403, []]);
  });

  it("hears nothing once signed out", async () => {
    const own = await newBunker();
    const viewer = await signedIn(own);
    const page = await openPage(viewer, own);
    await accountOf(viewer.who).endThisSession(viewer.sessionSecret);
    await change(own);
    await page.hears(1);
    expect([page.closed, page.heard]).toEqual([4403, []]);
  });

  it("hears nothing as an owner of the instance that they are no more", async () => {
    const own = await newBunker();
    const { who, ...session } = await signedIn();
    const owner = { ...session, who: person({ ...who, instanceOwner: true }) };
    const page = await openPage(owner, own);
    await change(own);
    await page.hears(1);
    expect([page.closed, page.heard]).toEqual([4403, []]);
  });
});

describe("a ticket", () => {
  it("is for one upgrade, and none of our making is no ticket", async () => {
    const { who, sessionId } = await signedIn();
    const { ticket } = value(await rpc(bunker).openLive(who, sessionId));
    expect((await upgrade(ticket)).status).toBe(101);
    expect((await upgrade(ticket)).status).toBe(403);
    expect((await upgrade("")).status).toBe(403);
  });

  it("is for members and persons alone", async () => {
    expect(await rpc(bunker).openLive(person({ accountId: "ee".repeat(32) }), "x")).toMatchObject({ refusal: { code: "not-found" } });
    expect((await rpc(bunker).openLive({ ...OPERATOR, claimed: true }, "x")).ok).toBe(false);
  });
});

describe("the way to it from outside", () => {
  const ask = (path: string, headers: Record<string, string>) => {
    forgetInstanceState(env);
    return app.request(`${ORIGIN}${path}`, { headers: { Upgrade: "websocket", ...headers } }, env);
  };
  const cookieOf = ({ who, sessionSecret }: SignedIn) => `countersign-session=${who.accountId}.${sessionSecret}`;
  const path = () => `/b/${bunker.id.toString()}/live`;

  it("is open to a member's own page", async () => {
    const answer = await ask(path(), { Cookie: cookieOf(await signedIn()), Origin: ORIGIN });
    expect(answer.status).toBe(101);
    answer.webSocket?.accept();
    answer.webSocket?.close();
  });

  it("is closed to a page of another origin, although the browser sends the cookie along", async () => {
    const Cookie = cookieOf(await signedIn());
    expect((await ask(path(), { Cookie, Origin: "https://evil.example" })).status).toBe(403);
    expect((await ask(path(), { Cookie })).status).toBe(403);
  });

  it("is closed to whoever knows a bunker's id and has no session, or is no member", async () => {
    expect((await ask(path(), { Origin: ORIGIN })).status).toBe(401);
    const elsewhere = await newBunker();
    const stranger = await signedIn(elsewhere);
    expect((await ask(path(), { Cookie: cookieOf(stranger), Origin: ORIGIN })).status).toBe(404);
  });

  it("is not the relay's: a ticket header there opens a relay socket like any other", async () => {
    const { who, sessionId } = await signedIn();
    const { ticket } = value(await rpc(bunker).openLive(who, sessionId));
    const answer = await ask(`/relay/${bunker.id.toString()}`, { [LIVE_TICKET]: ticket });
    expect(answer.status).toBe(101);
    const page = new OpenPage(answer.webSocket as WebSocket);
    page.send('["CLOSE","x"]');
    await change();
    page.send("no frame");
    expect((await page.hears(1))[0]).toMatch(/^\["NOTICE"/);
  });
});

describe("a page that nothing happens to", () => {
  it("keeps no timer and no alarm", async () => {
    const own = await newBunker();
    await openPage(await signedIn(own), own);
    const alarm = () => runInDurableObject(own, (_bunker: Bunker, state) => state.storage.getAlarm());
    // Once it has told the instance of itself, nothing is due for weeks.
    await expect.poll(async () => ((await alarm()) ?? Infinity) > Date.now() + 86_400_000).toBe(true);
  });
});
