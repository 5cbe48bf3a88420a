// Old private messages (kind 4): who may read one before it is signed, and that nobody else ever does.

import { runInDurableObject } from "cloudflare:test";
import { beforeAll, beforeEach, expect, it } from "vitest";
import type { Bunker } from "../../../durable-objects/bunker.ts";
import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import type { Principal } from "../../../src/people/principal.ts";
import { partLines } from "../../../src/presentation/text-form.ts";
import type { UserPubkey } from "../../../src/protocol/keys.ts";
import { publicKeyOf } from "../../../src/protocol/keys.ts";
import { nip04Encrypt } from "../../../src/protocol/user-cipher.ts";
import { beginInstance, rpc } from "../people.ts";
import { connectedClient, OPERATOR, value } from "../support.ts";
import { activity, ask, look, mails, pending, readMails, team, type Team } from "./support.ts";

const SECRET = "Meet me at noon by the fountain";
const BOB_KEY = new Uint8Array(32).fill(9);
const BOB = publicKeyOf(BOB_KEY);
const RULES = [
  { id: "crypt", effect: "allow", methods: ["nip04_encrypt"] },
  { id: "old", effect: "ask", methods: ["sign_event"], kinds: [4] },
];

readMails();
beforeAll(beginInstance);

let bunker: Team;
let approval: ApprovalView;

beforeEach(async () => {
  bunker = await team({ rules: RULES }, { ana: "owner", ben: "approver", vic: "viewer" });
  const { result: ciphertext = "" } = await bunker.client.request("nip04_encrypt", [BOB, SECRET]);
  approval = await askedToSign(ciphertext);
});

async function askedToSign(content: string, client = bunker.client): Promise<ApprovalView> {
  const event = { kind: 4, content, tags: [["p", BOB]], created_at: Math.floor(Date.now() / 1000) };
  await ask(client, "sign_event", [JSON.stringify(event)]);
  const [newest] = await pending(bunker.stub);
  if (newest === undefined) throw new Error("expected an approval");
  return newest;
}

const allow = () => rpc(bunker.stub).changeSettings(bunker.people["ana"] ?? OPERATOR, { readsOldMessages: true });
const wordsIn = ({ presentation }: ApprovalView) => presentation?.parts.flatMap(partLines).join("\n") ?? "";
const readBy = async (who: Principal | undefined, of = approval) =>
  wordsIn(value(await rpc(bunker.stub).approval(who ?? OPERATOR, of.id))).includes(SECRET);
const readings = async () => (await activity(bunker.stub)).filter(({ method }) => method === "approval.read");

it("is read by nobody unless the owners say so", async () => {
  for (const who of ["ana", "ben", "vic"]) expect(await readBy(bunker.people[who])).toBe(false);
  const refused = await rpc(bunker.stub).changeSettings(
    { kind: "machine", credential: "setup-token", claimed: true },
    { readsOldMessages: true },
  );
  expect(refused).toMatchObject({ ok: false, refusal: { code: "person-required" } });
});

it("is then read by whoever votes on it, signed in, on its own page; the activity says who, once", async () => {
  value(await allow());
  const { ana, ben, vic } = bunker.people;
  expect([await readBy(ben), await readBy(ben), await readBy(vic), await readBy(OPERATOR)]).toEqual([true, true, false, false]);
  expect((await readings()).map(({ explanation }) => explanation)).toEqual([
    "ben@example.org was shown what an old private message says, to vote on it.",
  ]);
  const listed = value(await rpc(bunker.stub).listApprovals(ben ?? OPERATOR, { state: "pending" })).items;
  expect(listed.map(wordsIn).join("")).not.toContain(SECRET);
  const sent = await mails(bunker.stub);
  expect(sent.length).toBeGreaterThan(0);
  for (const { text, secret } of sent) {
    expect(text).not.toContain(SECRET);
    const link = await look(bunker.stub, secret);
    expect(link?.link === "open" ? wordsIn(link.approval) : "").not.toContain(SECRET);
  }
  expect(await readBy(ana)).toBe(true);
});

it("is nowhere at rest in clear", async () => {
  value(await allow());
  expect(await readBy(bunker.people["ben"])).toBe(true);
  const rows = await runInDurableObject(bunker.stub, (_bunker: Bunker, { storage: { sql } }) => {
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'");
    return tables.toArray().flatMap(({ name }) => sql.exec(`SELECT * FROM ${name}`).toArray());
  });
  const bytes = rows
    .flatMap((row) => Object.values(row))
    .map((one) => (one instanceof ArrayBuffer ? new TextDecoder().decode(one) : String(one)));
  expect(bytes.length).toBeGreaterThan(50);
  expect(bytes.some((one) => one.includes(SECRET))).toBe(false);
});

it("is not what somebody wrote to this identity, or another app had encrypted, and is asked to be signed as the app's own", async () => {
  value(await allow());
  const user = value(await rpc(bunker.stub).describe(OPERATOR)).userPubkey as UserPubkey;
  const received = nip04Encrypt(BOB_KEY, user, SECRET);
  if (!received.ok) throw new Error(received.problem);
  expect(await readBy(bunker.people["ben"], await askedToSign(received.value))).toBe(false);
  const other = await connectedClient(bunker.stub, { name: "other-bot", policy: "news" });
  const { result: foreign = "" } = await other.request("nip04_encrypt", [BOB, SECRET]);
  expect(await readBy(bunker.people["ben"], await askedToSign(foreign))).toBe(false);
  expect(await readings()).toEqual([]);
});

it("is not read under a lock, nor once it is decided", async () => {
  value(await allow());
  value(await rpc(bunker.stub).lock(OPERATOR));
  expect(await readBy(bunker.people["ben"])).toBe(false);
  value(await rpc(bunker.stub).unlock(OPERATOR));
  value(await rpc(bunker.stub).rejectApproval(bunker.people["ana"] ?? OPERATOR, approval.id));
  expect(await readBy(bunker.people["ben"])).toBe(false);
});
