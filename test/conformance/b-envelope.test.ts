// Section B: the JSON-RPC inside an event, from anything that is no request to more requests than anybody needs.

import { describe, expect, it } from "vitest";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { FrameLog, Nip46Client, type Socket } from "../support/nip46-client.ts";
import { DENIED, expectError, expectSilence, heardBeforePong, newSecretKey, openSocket, template, useInstance } from "./support.ts";

const instance = useInstance();

async function connectedApp(change: Readonly<Record<string, unknown>> = {}): Promise<Nip46Client> {
  return (await instance.bunker()).connectedApp(change);
}

/** Where a client speaks that only writes requests. */
const NOWHERE: Socket = { send: () => undefined, close: () => undefined, addEventListener: () => undefined };

/** A request whose JSON is written by hand. */
function raw(app: Nip46Client, plaintext: string) {
  return app.wrap("", [], { plaintext }).event;
}

describe("the JSON-RPC envelope", () => {
  it("B22 · a plaintext that is no JSON object is met with silence", async () => {
    const app = await connectedApp();
    for (const plaintext of ["hello", "[]", '["ping"]', "7", "null", "true", '"ping"', "{", '{"id":"x","method":"ping","params":[]', " "]) {
      await expectSilence(app, raw(app, plaintext), plaintext);
    }
  });

  it("B23 · an id that is no string is met with silence, the empty one is answered as it is", async () => {
    const app = await connectedApp();
    await expectSilence(app, raw(app, '{"method":"ping","params":[]}'), "missing");
    for (const id of [7, 0, null, true, {}, ["x"]]) {
      await expectSilence(app, raw(app, JSON.stringify({ id, method: "ping", params: [] })), JSON.stringify(id));
    }
    expect(await app.request("ping", [], { id: "" })).toStrictEqual({ id: "", result: "pong" });
  });

  it("B24 · an id beyond 256 characters is met with silence", async () => {
    const app = await connectedApp();
    expect(await app.request("ping", [], { id: "i".repeat(256) })).toMatchObject({ result: "pong" });
    await expectSilence(app, raw(app, JSON.stringify({ id: "i".repeat(257), method: "ping", params: [] })));
    await expectSilence(app, raw(app, JSON.stringify({ id: "i".repeat(60_000), method: "ping", params: [] })));
    await expectSilence(app, raw(app, JSON.stringify({ id: "i".repeat(100_000), method: "ping", params: [] })));
  });

  it("B25 · missing or null params are none: enough for some methods, an error for the others", async () => {
    const app = await connectedApp();
    let serial = 0;
    for (const params of ["", ',"params":null']) {
      const ask = (method: string) => {
        const id = `b25-${(serial += 1)}`;
        return app.request(method, [], { id, plaintext: `{"id":"${id}","method":"${method}"${params}}` });
      };
      expect(await ask("ping")).toMatchObject({ result: "pong" });
      expect(await ask("get_public_key")).toMatchObject({ result: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
      for (const method of ["sign_event", "nip44_encrypt", "nip44_decrypt", "nip04_encrypt", "nip04_decrypt"]) {
        expectError(await ask(method), /^invalid params: /, method);
      }
    }
  });

  it("B26 · params that are no array are answered with an error", async () => {
    const app = await connectedApp();
    for (const [index, params] of [{}, { 0: template() }, "x", 7, true].entries()) {
      const id = `b26-${index}`;
      const answer = await app.request("", [], { id, plaintext: JSON.stringify({ id, method: "sign_event", params }) });
      expectError(answer, /^invalid params: /, JSON.stringify(params));
    }
  });

  it("B27 · a param that is no string is answered with an error, an event as an object too", async () => {
    const app = await connectedApp();
    for (const params of [[JSON.parse(template())], [null], [7], [["x"]], [template(), {}]]) {
      expectError(await app.request("sign_event", params), /^invalid params: /, JSON.stringify(params));
    }
  });

  it("B28 · an unknown method is answered with an error that names it", async () => {
    const app = await connectedApp();
    const answer = await app.request("foo");
    expect(answer).toStrictEqual({ id: answer.id, result: "error", error: "unsupported method: foo" });
    expectError(await app.request(""), /^unsupported method: /);
    expectError(await app.request("SIGN_EVENT", [template()]), /^unsupported method: /);
  });

  it("B29 · names that every JavaScript object has are unknown methods like any other", async () => {
    const app = await connectedApp();
    for (const method of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"]) {
      expect(await app.request(method)).toMatchObject({ result: "error", error: `unsupported method: ${method}` });
    }
  });

  it("B30 · methods of older days and of other signers are answered with an error", async () => {
    const app = await connectedApp();
    for (const method of ["get_relays", "create_account", "describe", "disconnect", "delegate", "nip44_get_key", "sign_psbt"]) {
      expect(await app.request(method)).toMatchObject({ result: "error", error: `unsupported method: ${method}` });
    }
  });

  it("B31 · one id in two events with two methods is answered twice", async () => {
    const bunker = await instance.bunker();
    const app = await bunker.connectedApp();
    const events = [app.wrap("ping", [], { id: "abc12" }).event, app.wrap("get_public_key", [], { id: "abc12" }).event];
    for (const event of events) await app.publish(event);
    await app.request("ping");
    const results = app
      .responses()
      .filter(({ id }) => id === "abc12")
      .map(({ result }) => result);
    expect(results).toEqual(["pong", bunker.userPubkey]);
  });

  it("B32 · extra members are ignored, doubled ones are answered once, and 10,000 levels of nesting are refused without harm", async () => {
    const app = await connectedApp();
    const extra = '{"jsonrpc":"2.0","id":"extra","method":"ping","params":[],"result":null,"__proto__":{"method":"logout"},"more":[[{}]]}';
    expect(await app.request("", [], { id: "extra", plaintext: extra })).toStrictEqual({ id: "extra", result: "pong" });
    const doubled = '{"id":"first","id":"second","method":"logout","method":"ping","params":["x"],"params":[]}';
    expect(await app.request("", [], { id: "second", plaintext: doubled })).toStrictEqual({ id: "second", result: "pong" });
    expect(app.responses().some(({ id }) => id === "first")).toBe(false);

    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    await expectSilence(app, raw(app, `{"id":"deep","method":"ping","params":${deep}}`), "params");
    await expectSilence(app, raw(app, `{"id":"deep","method":"ping","params":[],"more":${deep}}`), "an extra member");
    expectError(await app.request("sign_event", [template().replace("[]", deep)]), /^invalid /, "the event to sign");
    expect(await heardBeforePong(app, () => app.socket.send(`["EVENT",${deep}]`)), "the frame itself").toEqual([]);
  });

  it(
    "B33 · two hundred requests at once are all answered; the ones that are always refused end in rate-limited, not in silence",
    { timeout: 120_000 },
    async () => {
      const bunker = await instance.bunker();
      const busy = await bunker.connectedApp();
      const { result: ciphertext = "" } = await busy.request("nip44_encrypt", [busy.pubkey, "a message"]);
      const decrypts = Array.from({ length: 200 }, () => busy.wrap("nip44_decrypt", [busy.pubkey, ciphertext]));
      for (const { event } of decrypts) busy.send(event);
      for (const { id } of decrypts) expect(await busy.response(id)).toStrictEqual({ id, result: "a message" });

      const refused = await bunker.connectedApp({ policy: "read-only" });
      const signs = Array.from({ length: 200 }, () => refused.wrap("sign_event", [template()]));
      for (const { event } of signs) refused.send(event);
      const errors = await Promise.all(signs.map(async ({ id }) => (await refused.response(id)).error ?? ""));
      expectError(await refused.response(signs[0]?.id ?? ""), DENIED);
      expect(errors.every((error) => DENIED.test(error) || error.startsWith("rate-limited: "))).toBe(true);
      expect(errors.at(-1)).toMatch(/^rate-limited: /);

      // Who was shut out may not fill the activity either, with requests or with connects.
      const entries = async () => (await bunker.api<{ counts: { activity: number } }>("GET", "")).body.counts.activity;
      for (const state of ["suspended", "revoked"] as const) {
        const shutOut = await bunker.connectedApp();
        await bunker.setState(shutOut, state);
        const before = await entries();
        const knocks = Array.from({ length: 100 }, (_, count) => shutOut.wrap(count % 2 === 0 ? "ping" : "connect", []));
        for (const { event } of knocks) shutOut.send(event);
        const answers: string[] = [];
        for (const { id, event } of knocks) {
          // An app that has ended counts among strangers: the relay itself tells it to slow down.
          const [, , accepted, message] = await shutOut.log.first((frame) => frame[0] === "OK" && frame[1] === event.id);
          answers.push(accepted === true ? ((await shutOut.response(id)).error ?? "") : String(message));
        }
        expect(answers.every((answer) => /^(not connected|denied by policy|rate-limited)/.test(answer))).toBe(true);
        expect(answers.at(-1)).toMatch(/^rate-limited: /);
        // 60 refusals in a minute, and one line about the rest.
        expect((await entries()) - before).toBeLessThanOrEqual(61);
      }
    },
  );

  it(
    "B34 · a flood from a thousand unknown keys gets a bounded number of replies, and a connected app its answer",
    { timeout: 120_000 },
    async () => {
      const bunker = await instance.bunker();
      const app = await bunker.connectedApp();
      const keys = Array.from({ length: 1_000 }, () => newSecretKey());
      // Made before a socket is open, so that nothing else waits for them.
      const requests = keys.map((key) => new Nip46Client(NOWHERE, app.remoteSigner, key).wrap("sign_event", [template()]).event);
      const floods: { socket: WebSocket; log: FrameLog; events: NostrEvent[] }[] = [];
      for (let from = 0; from < requests.length; from += 100) {
        const socket = await openSocket(bunker.relayUrl);
        const log = new FrameLog(socket);
        const events = requests.slice(from, from + 100);
        const filters = [0, 20, 40, 60, 80].map((at) => ({ kinds: [24_133], "#p": events.slice(at, at + 20).map(({ pubkey }) => pubkey) }));
        socket.send(JSON.stringify(["REQ", "all", ...filters]));
        await log.first((frame) => frame[0] === "EOSE");
        floods.push({ socket, log, events });
      }
      const began = Date.now();
      for (const { socket, events } of floods) for (const event of events) socket.send(JSON.stringify(["EVENT", event]));
      expect(await app.request("ping")).toMatchObject({ result: "pong" });
      for (const { log, events } of floods) await log.first((frame) => frame[0] === "OK" && frame[1] === events.at(-1)?.id, 30_000);
      const frames = floods.flatMap(({ log }) => log.frames);
      const accepted = frames.filter((frame) => frame[0] === "OK" && frame[2] === true).length;
      const replies = frames.filter((frame) => frame[0] === "EVENT").length;
      expect(replies).toBe(accepted);
      // 40 at once and 5 a second for the whole bunker, however many ask.
      expect(replies).toBeLessThanOrEqual(40 + (5 * (Date.now() - began)) / 1000);
      expect(replies).toBeGreaterThan(0);
      expect(await bunker.connections()).toHaveLength(1);
    },
  );
});
