// The Policies tab, asked as by a browser without script: every button is a round trip, and nothing that was typed is lost.

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { InstanceRpc } from "../../../durable-objects/instance-rpc.ts";
import type { EmailAddress } from "../../../src/notify/email-address.ts";
import { claimCode } from "../../../src/people/claim-code.ts";
import { formToken } from "../../../src/people/form-token.ts";
import { forgetInstanceState } from "../../../src/routes/instance-state.ts";
import type { Nip46Client } from "../../support/nip46-client.ts";
import { connectedClient, value, type BunkerStub } from "../support.ts";
import { api, ask, newBunker, ORIGIN, SETUP_TOKEN, type Answer } from "./support.ts";

const BROWSER_SECRET = "B".repeat(43);
let session = "";
let bunkerId = "";
const base = () => `/b/${bunkerId}/policies`;

const NEWS = {
  name: "news",
  default: "ask",
  rules: [
    { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 6, per: "hour" }], over: "ask" },
    { id: "bait", effect: "ask", methods: ["sign_event"], content: { matches: "(?i)airdrop|giveaway" } },
  ],
};

beforeAll(async () => {
  bunkerId = await newBunker("Daily <News>");
  await api(`/bunkers/${bunkerId}/policies/news`, { method: "PUT", body: NEWS });
  const instance = env.INSTANCE.get(env.INSTANCE.idFromName("instance")) as unknown as InstanceRpc;
  const claim = {
    claimCode: claimCode(SETUP_TOKEN),
    email: "ana@example.org" as EmailAddress,
    browser: "Firefox",
    network: "192.0.2.1",
    seenAt: `${ORIGIN}/claim`,
  };
  const { accountId, sessionSecret } = value(await instance.claim(claim));
  session = `${accountId}.${sessionSecret}`;
  forgetInstanceState(env);
}, 60_000);

const cookies = () => ({ Cookie: `countersign-session=${session}; countersign-browser=${BROWSER_SECRET}`, Accept: "text/html" });
const stub = () => env.BUNKER.get(env.BUNKER.idFromString(bunkerId)) as unknown as BunkerStub;

function page(path: string): Promise<Answer> {
  return ask(path, { token: null, headers: cookies() });
}

type Fields = [string, string][];

function send(path: string, fields: Fields): Promise<Answer> {
  const body = new URLSearchParams([["form-token", formToken(BROWSER_SECRET, session)], ...fields]).toString();
  const headers = { ...cookies(), Origin: ORIGIN, "Content-Type": "application/x-www-form-urlencoded" };
  return ask(path, { method: "POST", token: null, headers, body });
}

/** The fields of the page's editor, as a browser would send them. */
async function fieldsIn(answer: Answer): Promise<Fields> {
  const fields: Fields = [];
  let select = "";
  let area: { name: string; text: string } | undefined;
  let inEditor = false;
  await new HTMLRewriter()
    .on("form[data-policy-editor]", {
      element(form) {
        inEditor = true;
        form.onEndTag(() => {
          inEditor = false;
        });
      },
    })
    .on("input", {
      element(input) {
        const name = input.getAttribute("name");
        const type = input.getAttribute("type");
        if (!inEditor || name === null || ((type === "checkbox" || type === "radio") && !input.hasAttribute("checked"))) return;
        fields.push([name, unescaped(input.getAttribute("value") ?? "")]);
      },
    })
    .on("select", {
      element(element) {
        select = inEditor ? (element.getAttribute("name") ?? "") : "";
      },
    })
    .on("option", {
      element(option) {
        if (select === "") return;
        const known = fields.findIndex(([name]) => name === select);
        const field: [string, string] = [select, unescaped(option.getAttribute("value") ?? "")];
        if (known === -1) fields.push(field);
        else if (option.hasAttribute("selected")) fields[known] = field;
      },
    })
    .on("textarea", {
      element(element) {
        const here = { name: element.getAttribute("name") ?? "", text: "" };
        area = here;
        element.onEndTag(() => {
          if (inEditor) fields.push([here.name, unescaped(here.text.replace(/^\n/, ""))]);
          area = undefined;
        });
      },
      text(chunk) {
        if (area !== undefined) area.text += chunk.text;
      },
    })
    .transform(new Response(answer.text))
    .text();
  return fields;
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

function withField(fields: Fields, name: string, text: string): Fields {
  return [...fields.filter(([known]) => known !== name), [name, text]];
}

const open = async () => fieldsIn(await page(`${base()}/news/edit`));
const press = (fields: Fields, action: string, path = `${base()}/news/edit`) => send(path, [...fields, ["do", action]]);
const jsonIn = (fields: Fields) => JSON.parse(fields.find(([name]) => name === "json")?.[1] ?? "") as typeof NEWS;

/** Asks, and waits until it is taken: what people are asked about is answered when they have. */
async function askFor(client: Nip46Client, event: { kind: number; content: string }): Promise<void> {
  const template = { ...event, tags: [], created_at: Math.floor(Date.now() / 1000) };
  await client.publish(client.wrap("sign_event", [JSON.stringify(template)]).event);
}

describe("the list", () => {
  it("names own policies and presets, with what they mean and who is under them", async () => {
    const { status, text } = await page(base());
    expect(status).toBe(200);
    for (const words of [
      "news",
      "Allow notes, at most 6 in any hour; beyond that, ask. 1 more rule.",
      "Ask everything",
      "Not advised",
      "New policy",
    ])
      expect(text).toContain(words);
  });

  it("offers every preset, and nothing, to begin with", async () => {
    const { text } = await page(`/b/${bunkerId}/new-policy`);
    for (const name of ["bot-notes", "social-client", "read-only"]) expect(text).toContain(`/new-policy/edit?preset=${name}`);
    expect(text).toContain("Begin with nothing");
  });
});

describe("the editor without script", () => {
  it("opens with the document as it is, and sent back unchanged it is unchanged", async () => {
    const fields = await open();
    expect(jsonIn(fields)).toEqual(NEWS);
    const again = await fieldsIn(await press(fields, "show"));
    expect(again).toEqual(fields);
    expect((await press(fields, "review")).text).toContain("nothing changes");
  });

  it("adds, moves and removes rules, and conditions, and limits", async () => {
    const added = await fieldsIn(await press(await open(), "add-rule"));
    expect(jsonIn(added).rules.map(({ id }) => id)).toEqual(["notes", "bait", "rule-3"]);
    const moved = await fieldsIn(await press(added, "move-up rules.2"));
    expect(jsonIn(moved).rules.map(({ id }) => id)).toEqual(["notes", "rule-3", "bait"]);
    const chosen = await fieldsIn(await press(withField(moved, "rules.2.add", "content.words"), "add rules.2"));
    const typed = await fieldsIn(await press(withField(chosen, "rules.2.content.words", "one\r\ntwo"), "add-limit rules.0"));
    expect(jsonIn(typed).rules[1]).toMatchObject({ id: "rule-3", effect: "ask", content: { words: ["one", "two"] } });
    expect(jsonIn(typed).rules[0]?.budgets).toHaveLength(2);
    const gone = await fieldsIn(await press(typed, "remove-rule rules.2"));
    expect(jsonIn(gone).rules.map(({ id }) => id)).toEqual(["notes", "bait"]);
  });

  it("takes the JSON where that was changed, and the fields where both were, setting the JSON aside", async () => {
    const fields = await open();
    const looser = JSON.stringify({ ...NEWS, default: "deny" });
    const byJson = await press(withField(fields, "json", looser), "show");
    expect(jsonIn(await fieldsIn(byJson))).toEqual({ ...NEWS, default: "deny" });
    expect(byJson.text).toContain("Everything else: <a");
    const both = await press(withField(withField(fields, "json", looser), "rules.0.id", "short-notes"), "show");
    const after = await fieldsIn(both);
    expect(jsonIn(after)).toMatchObject({ default: "ask", rules: [{ id: "short-notes" }, {}] });
    expect(after.find(([name]) => name === "json-aside")?.[1]).toBe(looser);
    const restored = await fieldsIn(await press(after, "restore-json"));
    expect(jsonIn(restored)).toEqual({ ...NEWS, default: "deny" });
    expect(restored.some(([name]) => name === "json-aside")).toBe(false);
  });

  it("says the line of broken JSON and keeps both the fields and what was typed", async () => {
    const fields = await open();
    const broken = '{\n  "name": "news"\n  "rules": []\n}';
    const told = await press(withField(fields, "json", broken.replaceAll("\n", "\r\n")), "use-json");
    expect(told.status).toBe(422);
    expect(told.text).toContain("<title>Error: Edit news");
    expect(told.text).toContain("The JSON has an error in line 2: expected a comma.");
    const kept = await fieldsIn(told);
    expect(kept.find(([name]) => name === "json")?.[1]).toBe(broken);
    expect(kept.filter(([name]) => name.startsWith("rules."))).toEqual(fields.filter(([name]) => name.startsWith("rules.")));
    const then = await fieldsIn(await press(kept, "add-rule"));
    expect(jsonIn(then).rules).toHaveLength(3);
    expect(then.find(([name]) => name === "json-aside")?.[1]).toBe(broken);
  });

  it("refuses a field that nobody knows, by its line, and drops nothing", async () => {
    const unknown = JSON.stringify({ ...NEWS, rules: [{ ...NEWS.rules[0], kindz: [1] }] }, null, 2);
    const { text } = await press(withField(await open(), "json", unknown), "use-json");
    expect(text).toMatch(/The JSON has an error in line \d+: rules\[0\]\.kindz: unknown field, expected one of: id, /);
  });

  it("does not go on with wrong input: summary, fields, values and title say so", async () => {
    const fields = await open();
    const wrong = withField(withField(fields, "rules.0.budgets.0.max", "six"), "rules.1.content.matches", "(airdrop");
    for (const action of ["review", "try"]) {
      const told = await press(wrong, action);
      expect(told.status).toBe(422);
      expect(told.text).toContain("<title>Error: Edit news");
      expect(told.text).toContain("2 things to fix");
      expect(told.text).toContain('<a href="#rules.0.budgets.0.max">');
      expect(told.text).toContain("‘bait’, Text matches: at character 1: expected a ) that closes this (");
      expect(told.text).toContain('id="rules.1.content.matches-error" data-live="rules.1.content.matches-error">At character 1:');
      expect(await fieldsIn(told)).toEqual(
        expect.arrayContaining([
          ["rules.0.budgets.0.max", "six"],
          ["rules.1.content.matches", "(airdrop"],
        ]),
      );
    }
  });

  it("shows what a pattern finds in a text, as text", async () => {
    const { text } = await press(withField(await open(), "rules.1.content.matches.try", "An <b>Airdrop</b>"), "try-text");
    expect(text).toContain("It matches once.");
    expect(text).toContain("An &lt;b&gt;<mark>Airdrop</mark>&lt;/b&gt;");
  });

  it("takes people's keys as npub", async () => {
    const added = await fieldsIn(await press(await open(), "add rules.1 counterparties"));
    const npub = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6";
    const then = await fieldsIn(await press(withField(added, "rules.1.counterparties", `${npub}\r\nself`), "show"));
    expect(jsonIn(then).rules[1]).toMatchObject({
      counterparties: ["3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d", "self"],
    });
  });

  it("says who qualifies, and publishes nothing that asks for more people than there are", async () => {
    const added = await fieldsIn(await press(await open(), "add rules.1 approvals"));
    const two = withField(added, "rules.1.approvals.need", "2");
    expect((await press(two, "show")).text).toContain(
      "2 of owners and approvers, within 24 hours: 1 person qualifies today: ana@example.org.",
    );
    const told = await press(two, "review");
    expect(told.status).toBe(422);
    expect(told.text).toContain("Needs 2, only ana@example.org may vote. Invite somebody or lower it.");
    expect(told.text).toContain('<a href="#rules.1.approvals">');
  });

  it("makes a rule from a request that is in the activity", async () => {
    const client = await connectedClient(stub(), { policy: "ask-everything", name: "reader" });
    await askFor(client, { kind: 7, content: "+" });
    const { items } = (await api<{ items: { seq: number; method: string }[] }>(`/bunkers/${bunkerId}/activity?after=0&limit=500`)).body;
    const seq = items.findLast(({ method }) => method === "sign_event")?.seq ?? 0;
    const from = await page(`${base()}/news/edit?from=${seq}`);
    expect(jsonIn(await fieldsIn(from)).rules[2]).toEqual({
      id: "reactions",
      effect: "allow",
      kinds: [7],
      budgets: [{ max: 10, per: "hour" }],
      over: "ask",
    });
    expect(from.text).toContain("A rule for that request was added below.");
    const [approval] = (await api<{ items: { id: string }[] }>(`/bunkers/${bunkerId}/approvals`)).body.items;
    expect(jsonIn(await fieldsIn(await page(`${base()}/news/edit?from=${approval?.id}`))).rules[2]).toMatchObject({
      id: "reactions",
      kinds: [7],
    });
    const preset = await page(`${base()}/bot-notes/edit?from=${seq}`);
    expect([preset.status, preset.headers.get("Location")]).toEqual([303, `/b/${bunkerId}/new-policy/edit?preset=bot-notes&from=${seq}`]);
    expect((await page(`${base()}/news/edit?from=999999`)).text).toContain("No rule can be made of that request");
  });
});

/** The requests of a dry-run that are listed. */
const rowsOf = (text: string) =>
  /<ol class="rows group">[\s\S]*<\/ol>/
    .exec(text)?.[0]
    .split(/<li>(?=<div class="what">)/)
    .slice(1) ?? [];

describe("trying a draft", () => {
  it("counts what would change, lists exactly that, and loosened requests first", async () => {
    const client = await connectedClient(stub(), { policy: "news", name: "news-bot" });
    for (const event of [
      { kind: 1, content: "good morning" },
      { kind: 1, content: "free airdrop" },
      { kind: 7, content: "+" },
    ])
      await askFor(client, event);
    const fields = await open();
    const draft = {
      ...NEWS,
      rules: [
        { id: "reactions", effect: "allow", kinds: [7] },
        { id: "no-notes", effect: "deny", kinds: [1] },
      ],
    };
    const { text } = await press(withField(fields, "json", JSON.stringify(draft)), "try");
    expect(text).toContain("Of 3 requests, 3 would end differently.");
    expect(text).toContain("1 would be signed without asking");
    expect(text.indexOf("1 would be signed without asking")).toBeLessThan(text.indexOf("2 would be stricter"));
    expect(rowsOf(text)).toHaveLength(3);
    expect(rowsOf(text)[0]).toContain("Draft: allowed by ‘reactions’");
    for (const [cell, rows, words] of [
      ["ask-allow", 1, "React with a like as"],
      ["allow-deny", 1, "good morning"],
      ["ask-deny", 1, "free airdrop"],
    ] as const) {
      expect(text).toContain(`value="try ${cell} 0"`);
      const listed = rowsOf((await press(withField(fields, "json", JSON.stringify(draft)), `try ${cell} 0`)).text);
      expect([listed.length, listed.join("").includes(words)]).toEqual([rows, true]);
    }
    expect(text).toContain("answers cannot be replayed. Limits are counted afresh from");
  });

  it("says when nothing would change, and how little that proves", async () => {
    expect((await press(await open(), "try")).text).toContain(
      "Nothing would change. Only 3 requests were recorded, so this proves little.",
    );
  });
});

describe("publishing", () => {
  const review = async (document: object, on = open()) => press(withField(await on, "json", JSON.stringify(document)), "review");
  const formOf = (text: string, label: string): Fields => {
    const [, json = "", onVersion = ""] =
      new RegExp(`name="json" value="([^"]*)"/><input type="hidden" name="base" value="(\\d+)"/><button[^>]*>${label}`).exec(text) ?? [];
    return [
      ["json", unescaped(json)],
      ["base", onVersion],
    ];
  };

  it("shows old and new sentences and who is affected, and then puts it in force", async () => {
    const tighter = { ...NEWS, rules: [{ ...NEWS.rules[0], budgets: [{ max: 4, per: "hour" }] }, NEWS.rules[1]] };
    const { text, status } = await review(tighter);
    expect(status).toBe(200);
    expect(text).toContain("Version 2 of news: 1 limit lowered");
    for (const words of [
      "Allow notes, at most <b>6</b> in any hour; beyond that, ask.",
      "Allow notes, at most <b>4</b> in any hour; beyond that, ask.",
      "<b>news-bot</b>",
    ])
      expect(text).toContain(words);
    expect(text).not.toContain("This loosens");
    const published = await send(`${base()}/news/publish`, formOf(text, "Publish version 2"));
    expect(published.headers.get("Location")).toBe(`${base()}/news?done=published`);
    expect((await page(`${base()}/news`)).text).toContain("at most 4 in any hour");
  });

  it("of what loosens says so", async () => {
    const { text } = await review({ ...NEWS, rules: [{ ...NEWS.rules[0], budgets: [{ max: 9, per: "hour" }] }, NEWS.rules[1]] });
    expect(text).toContain("This loosens the policy");
  });

  it("beside another version that came meanwhile shows both, overwrites nothing, and offers both together", async () => {
    const mine = await open();
    const theirs = { ...NEWS, rules: [{ ...NEWS.rules[0], budgets: [{ max: 3, per: "hour" }] }, NEWS.rules[1]] };
    await send(`${base()}/news/publish`, [
      ["json", JSON.stringify(theirs)],
      ["base", "2"],
    ]);
    const document = { ...jsonIn(mine), rules: [...jsonIn(mine).rules, { id: "no-deletes", effect: "deny", kinds: [5] }] };
    const told = await review(document, Promise.resolve(mine));
    expect(told.status).toBe(409);
    expect(told.text).toContain("Version 3 of news was published meanwhile");
    for (const words of ["at most <b>3</b> in any hour", "at most <b>4</b> in any hour", "Deny deletions."])
      expect(told.text).toContain(words);
    const stale = await send(`${base()}/news/publish`, [
      ["json", JSON.stringify(document)],
      ["base", "2"],
    ]);
    expect(stale.status).toBe(409);
    expect((await page(`${base()}/news`)).text).toContain("Version 3,");
    const [, json = ""] =
      /name="json" value="([^"]*)"\/><input[^>]*name="base" value="3"\/><button[^>]*>Edit both together/.exec(told.text) ?? [];
    const together = await send(`${base()}/news/edit`, [
      ["json", unescaped(json)],
      ["base", "3"],
      ["do", "use-json"],
    ]);
    expect(jsonIn(await fieldsIn(together)).rules.map((rule) => rule.id)).toEqual(["notes", "bait", "no-deletes"]);
    expect(jsonIn(await fieldsIn(together)).rules[0]?.budgets).toEqual([{ max: 3, per: "hour" }]);
  });

  it("makes a new policy from a preset under a name of its own", async () => {
    const path = `/b/${bunkerId}/new-policy/edit`;
    const fields = await fieldsIn(await page(`${path}?preset=bot-notes`));
    const nameless = await press(fields, "review", path);
    expect(nameless.status).toBe(422);
    expect(nameless.text).toContain('<a href="#name">');
    for (const [name, words] of [
      ["news", "news is taken"],
      ["bot-notes", "expected another name"],
    ] as const) {
      const told = await press(withField(fields, "name", name), "review", path);
      expect(told.status).toBe(422);
      expect(told.text).toContain(words);
    }
    const { text } = await press(withField(fields, "name", "bot"), "review", path);
    expect(text).toContain("Version 1 of bot");
    await send(`${base()}/bot/publish`, formOf(text, "Publish version 1"));
    expect((await page(`${base()}/bot`)).text).toContain("notes with at most 10 mentions");
  });
});

describe("versions", () => {
  it("are listed, read, compared and made drafts of", async () => {
    const { text } = await page(`${base()}/news/versions`);
    for (const words of ["Version 3", "Version 2", "Version 1", "1 limit lowered.", "In force", "ana@example.org", "the operator"])
      expect(text).toContain(words);
    const first = await page(`${base()}/news/versions/1`);
    expect(first.text).toContain("at most 6 in any hour");
    expect(first.text).toContain(`${base()}/news/edit?version=1`);
    expect((await page(`${base()}/news/versions/3?with=1`)).text).toContain("From version 1 to version 3");
    expect((await page(`${base()}/news/versions/9`)).status).toBe(404);
    const draft = await fieldsIn(await page(`${base()}/news/edit?version=1`));
    expect(jsonIn(draft)).toEqual(NEWS);
    expect(draft.find(([name]) => name === "base")?.[1]).toBe("3");
  });
});

describe("a draft of a machine", () => {
  const looser = (max: number) => ({ ...NEWS, rules: [{ ...NEWS.rules[0], budgets: [{ max, per: "hour" }] }, NEWS.rules[1]] });
  const put = (max: number) => api<{ id: string }>(`/bunkers/${bunkerId}/policies/news`, { method: "PUT", body: looser(max) });

  it("is told of in the list and beside the policy, read, opened in the editor and published by an owner", async () => {
    const draft = await put(50);
    expect(draft.status).toBe(202);
    expect((await page(base())).text).toContain("1 draft waits");
    const path = `${base()}/news/drafts/${draft.body.id}`;
    expect((await page(`${base()}/news`)).text).toContain(path);
    const { text } = await page(path);
    for (const words of ["A draft of news: 1 limit raised", "Written by the operator", "at most <b>50</b> in any hour", "news-bot"])
      expect(text).toContain(words);
    expect(jsonIn(await fieldsIn(await page(`${base()}/news/edit?draft=${draft.body.id}`))).rules[0]?.budgets).toEqual([
      { max: 50, per: "hour" },
    ]);
    expect((await send(`${path}/publish`, [])).headers.get("Location")).toBe(`${base()}/news?done=published`);
    expect((await page(`${base()}/news`)).text).toContain("at most 50 in any hour");
    expect((await page(path)).status).toBe(404);
  });

  it("is discarded, and then is nowhere", async () => {
    const draft = await put(60);
    const path = `${base()}/news/drafts/${draft.body.id}`;
    expect((await send(`${path}/discard`, [])).headers.get("Location")).toBe(`${base()}/news?done=discarded`);
    expect((await page(path)).status).toBe(404);
    expect((await page(`${base()}/news`)).text).toContain("at most 50 in any hour");
  });

  it("that is older than the version in force cannot be published, and goes on in the editor", async () => {
    const draft = await put(70);
    await send(`${base()}/news/publish`, [
      ["json", JSON.stringify(looser(10))],
      ["base", "4"],
    ]);
    const { text } = await page(`${base()}/news/drafts/${draft.body.id}`);
    expect(text).toContain("Another version was published since");
    expect(text).not.toContain(`drafts/${draft.body.id}/publish`);
    expect((await send(`${base()}/news/drafts/${draft.body.id}/publish`, [])).status).toBe(409);
  });
});

describe("deleting", () => {
  it("one in use names what is under it", async () => {
    const { text } = await page(`${base()}/news/delete`);
    expect(text).toContain("news is in use, so it cannot be deleted.");
    expect(text).toContain("news-bot");
    expect((await send(`${base()}/news/delete`, [["confirm-name", "news"]])).status).toBe(409);
  });

  it("asks for the name, and keeps the versions to read", async () => {
    const wrong = await send(`${base()}/bot/delete`, [["confirm-name", "bob"]]);
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain("<title>Error: Delete bot");
    expect((await send(`${base()}/bot/delete`, [["confirm-name", "bot"]])).headers.get("Location")).toBe(`${base()}?done=deleted`);
    expect((await page(`${base()}/bot`)).status).toBe(404);
    expect((await page(`${base()}/bot/versions`)).text).toContain("Deleted");
    expect((await page(`${base()}/bot/versions/1`)).text).toContain("notes with at most 10 mentions");
  });
});

it("a form that is larger than any policy is refused before it is read", async () => {
  const told = await press([["json", "x".repeat(1_100_000)]], "show");
  expect(told.status).toBe(413);
});

it("a dry-run lists what stays as it is from the table's diagonal, a page at a time", async () => {
  const wide = { name: "wide", default: "ask", rules: [{ id: "notes", effect: "allow", kinds: [1] }] };
  await api(`/bunkers/${bunkerId}/policies/wide`, { method: "PUT", body: wide });
  const client = await connectedClient(stub(), { policy: "wide", name: "wide-bot" });
  for (let number = 1; number <= 21; number += 1) await askFor(client, { kind: 1, content: `note ${number}` });
  const fields = await fieldsIn(await page(`${base()}/wide/edit`));
  const listed = async (list: string) => (await press(fields, list, `${base()}/wide/edit`)).text;
  const first = await listed("try allow-allow 0");
  for (const words of ["21 requests: allowed now and in the draft", "1 to 20 of 21", 'value="try allow-allow 20"'])
    expect(first).toContain(words);
  expect(rowsOf(first)).toHaveLength(20);
  const second = await listed("try allow-allow 20");
  expect([rowsOf(second).length, second.includes("21 to 21 of 21"), second.includes("note 21")]).toEqual([1, true, true]);
});
