// What a request is compared with: everything below was signed by a real bunker for a real client before it is asked for.

import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import { presentRequest } from "../../durable-objects/bunker/comparison.ts";
import type { EventTemplate } from "../../src/protocol/event.ts";
import type { Asked } from "../../src/presentation/material.ts";
import type { Presentation } from "../../src/presentation/presentation.ts";
import { partLines, sentenceText } from "../../src/presentation/text-form.ts";
import type { Nip46Client } from "../support/nip46-client.ts";
import { rpc } from "./people.ts";
import { connectedClient, newBunker, OPERATOR, storeOf, value, type BunkerStub } from "./support.ts";

const ALICE = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const BOB = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
const NOW_SECONDS = Math.floor(Date.now() / 1000);

let stub: BunkerStub;
let client: Nip46Client;

beforeAll(async () => {
  stub = await newBunker();
  client = await connectedClient(stub);
});

const event = (kind: number, content = "", tags: string[][] = []): EventTemplate => ({ kind, content, tags, created_at: NOW_SECONDS });

async function sign(template: EventTemplate): Promise<{ id: string }> {
  const answer = await client.request("sign_event", [JSON.stringify(template)]);
  return JSON.parse(answer.result ?? "") as { id: string };
}

function shown(asked: Asked): Promise<Presentation> {
  return runInDurableObject(stub, (_instance: Bunker, state) => {
    const store = storeOf(state);
    const [connection] = store.connections.list("", 1);
    if (connection === undefined) throw new Error("expected a connection");
    return presentRequest(store, { asked, connection, askedAt: Date.now(), now: Date.now() });
  });
}

async function facts(template: EventTemplate): Promise<string[]> {
  return (await shown({ method: "sign_event", event: template })).warnings.map(({ fact }) => sentenceText(fact));
}

describe("what was signed here before is known", () => {
  it("hosts, once a link to them was signed", async () => {
    const template = event(1, "news at https://news.example/1");
    expect(await facts(template)).toContain("First link to news.example from this identity.");
    await sign(template);
    expect(await facts(event(1, "more at news.example/2"))).toEqual([]);
  });

  it("texts of the past day", async () => {
    await sign(event(1, "the same again", [["t", "a"]]));
    expect(await facts(event(1, "the same again", [["t", "b"]]))).toEqual(["The same text was signed in the past 24 hours."]);
  });

  it("posts by their id, with their text", async () => {
    const { id } = await sign(event(1, "an early post"));
    const deletion = await shown({
      method: "sign_event",
      event: event(5, "", [
        ["e", id],
        ["e", "0".repeat(64)],
      ]),
    });
    const lines = deletion.parts.flatMap(partLines);
    expect(lines).toContain("  | an early post");
    expect(lines.filter((line) => line.includes("not signed here, cannot be shown"))).toHaveLength(1);
  });

  it("lists, so that what is lost can be told", async () => {
    await sign(
      event(3, "", [
        ["p", ALICE],
        ["p", BOB],
      ]),
    );
    const { critical } = await shown({ method: "sign_event", event: event(3, "", [["p", ALICE]]) });
    expect(critical).toEqual([{ id: "lost-follows-1", sentence: "I understand that 1 follow is lost." }]);
  });

  it("kinds and relays", async () => {
    expect(await facts(event(31_337))).toContain("First time that this kind is signed here.");
    await sign(event(31_337));
    expect(await facts(event(31_337))).toEqual(["Countersign cannot say what apps will make of this."]);
    const login = event(22_242, "", [
      ["relay", "wss://relay.example"],
      ["challenge", "x"],
    ]);
    expect(await facts(login)).toEqual(["This bunker does not know the relay relay.example."]);
    await sign(login);
    expect(await facts(login)).toEqual([]);
  });
});

describe("private messages", () => {
  it("know whom was written to, and for whom a seal was encrypted", async () => {
    const asked: Asked = { method: "nip44_encrypt", counterparty: BOB, characters: 5 };
    expect((await shown(asked)).warnings.map(({ id }) => id)).toEqual([`new-person-${BOB.slice(0, 16)}`]);
    const ciphertext = (await client.request("nip44_encrypt", [BOB, "hello"])).result ?? "";
    expect((await shown(asked)).warnings).toEqual([]);
    const seal = await shown({ method: "sign_event", event: event(13, ciphertext) });
    expect(seal.parts.flatMap(partLines)[0]).toMatch(/^To: npub1/);
    const other = await shown({ method: "sign_event", event: event(13, `${ciphertext}x`) });
    expect(other.parts.flatMap(partLines)).toEqual(["The message is inside, encrypted. To whom it goes cannot be told."]);
  });

  it("are counted within the hour", async () => {
    for (let sent = 0; sent < 30; sent++) await client.request("nip44_encrypt", [ALICE, `hello ${sent}`]);
    const { warnings } = await shown({ method: "nip44_encrypt", counterparty: ALICE, characters: 5 });
    expect(sentenceText(warnings[0]?.fact ?? [])).toMatch(/^test app had 3\d messages encrypted or read in the past hour\.$/);
  });
});

it("nothing of it rests in the clear", async () => {
  const text = await runInDurableObject(stub, (_instance: Bunker, state) => {
    const rows = ["familiar", "activity", "signed_latest"].flatMap((table) => state.storage.sql.exec(`SELECT * FROM ${table}`).toArray());
    return rows
      .map((row) =>
        Object.values(row)
          .map((cell) => (cell instanceof ArrayBuffer ? new TextDecoder("latin1").decode(cell) : String(cell)))
          .join(" "),
      )
      .join("\n");
  });
  expect(text).not.toMatch(/news\.example|relay\.example|an early post/);
});

it("a post that lies further back than was looked is said to be not found, not to have never been signed", async () => {
  const deletion = () => shown({ method: "sign_event", event: event(5, "", [["e", "0".repeat(64)]]) });
  const said = async () => (await deletion()).parts.flatMap(partLines).join(" ");
  expect(await said()).toContain("not signed here, cannot be shown");
  await runInDurableObject(stub, (_instance: Bunker, state) => {
    state.storage.sql.exec(
      "INSERT INTO activity (seq, at, entry, hash) SELECT seq + 100001, at, json_set(entry, '$.seq', seq + 100001), hash FROM activity ORDER BY seq DESC LIMIT 1",
    );
  });
  expect(await said()).toContain("not among the newest 100,000 entries of the activity, cannot be shown");
});

describe("a name that a member gave to a key", () => {
  const told = async () => (await shown({ method: "nip44_encrypt", counterparty: BOB, characters: 3 })).parts.flatMap(partLines).join("\n");
  const give = (name: string, key = BOB) => rpc(stub).giveNickname(OPERATOR, key, name);

  it("stands beside the key wherever a request is shown, until it is taken away", async () => {
    expect(await told()).not.toContain("Lea");
    expect(value(await give("Lea"))).toMatchObject({ name: "Lea", givenBy: "the operator" });
    expect(await told()).toContain("Lea");
    value(await give("Lea M."));
    expect(value(await rpc(stub).listNicknames(OPERATOR)).items.map(({ name }) => name)).toEqual(["Lea M."]);
    expect(await told()).toContain("Lea M.");
    value(await rpc(stub).dropNickname(OPERATOR, BOB));
    expect(await told()).not.toContain("Lea");
    expect(await rpc(stub).dropNickname(OPERATOR, BOB)).toMatchObject({ ok: false, refusal: { code: "not-found" } });
    const entries = value(await rpc(stub).listActivity(OPERATOR, 0, 500)).items.filter(({ method }) => method.startsWith("nickname."));
    expect(entries.map(({ method }) => method)).toEqual(["nickname.give", "nickname.give", "nickname.drop"]);
  });

  it.each(["", " Lea", "Lea\u202e", "two\nlines", "x".repeat(41), "npub1lea", "79be667ef9dcbbac", "L\u200bea"])(
    "is never %j",
    async (name) => {
      expect(await give(name)).toMatchObject({ ok: false, refusal: { code: "invalid" } });
    },
  );

  it("is of a key alone", async () => {
    expect(await give("Lea", "ff".repeat(33))).toMatchObject({ ok: false, refusal: { code: "invalid" } });
  });

  it("is ours or none: one that was written past us is shown to nobody, and locks the bunker", async () => {
    value(await give("Lea"));
    await runInDurableObject(stub, (_instance: Bunker, state) => {
      state.storage.sql.exec("UPDATE nicknames SET name = 'Ana, your owner'");
    });
    await expect(told()).rejects.toThrow("nicknames");
    await expect(rpc(stub).listNicknames(OPERATOR)).rejects.toThrow();
    expect(value(await rpc(stub).describe(OPERATOR)).locked).toBe(true);
  });
});
