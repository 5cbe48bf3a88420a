// Policies over the API, tried by a real client: what is published is what is enforced.

import { BunkerSigner, createNostrConnectURI, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startInstance, type Instance } from "../support/instance.ts";
import { Operator } from "../support/operator.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(() => instance.discard());

interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}
interface Connection {
  readonly id: string;
  readonly name: string;
  readonly budgets: readonly { readonly rule: string; readonly used: number; readonly left: number; readonly freesAt: string | null }[];
  readonly proposedPolicy: { readonly rules: readonly { readonly effect: string }[] } | null;
}
interface DryRun {
  readonly counts: Record<string, number>;
  readonly changed: readonly {
    readonly kind: number;
    readonly loosened: boolean;
    readonly before: { readonly effect: string };
    readonly draft: { readonly effect: string };
  }[];
}

const news = {
  name: "news",
  default: "deny",
  rules: [
    { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 3, per: "hour" }], over: "deny" },
    { id: "bait", effect: "deny", methods: ["sign_event"], content: { matches: "(?i)airdrop|giveaway" } },
  ],
};

const note = (content: string) => ({ kind: 1, content, tags: [], created_at: 1_795_000_000 });

async function signerFor(operator: Operator, policy: string, name = "app"): Promise<BunkerSigner> {
  const { bunkerUrl } = await operator.invite({ policy, name });
  const pointer = await parseBunkerInput(bunkerUrl);
  if (pointer === null) throw new Error("expected a bunker URL");
  const signer = BunkerSigner.fromBunker(generateSecretKey(), pointer);
  await signer.connect();
  return signer;
}

function publish(operator: Operator, document: Record<string, unknown>, name = String(document["name"])) {
  return operator.api.request<Failure & { version: number }>("PUT", `/bunkers/${operator.bunkerId}/policies/${name}`, document);
}

describe("publishing", () => {
  it("refuses what it does not know, with the path and what was expected", async () => {
    const operator = await Operator.create(instance);
    for (const [document, path] of [
      [{ ...news, rules: [news.rules[0], { ...news.rules[1], kindz: [1] }] }, "rules[1].kindz"],
      [{ ...news, default: "allow" }, "default"],
      [{ ...news, rules: [{ id: "a", effect: "allow", kinds: [70_000] }] }, "rules[0].kinds[0]"],
      [{ ...news, rules: [{ id: "a", effect: "deny", methods: ["sign_event"], content: { matches: "(" } }] }, "rules[0].content.matches"],
      [{ ...news, name: "other" }, "name"],
    ] as const) {
      const answer = await publish(operator, document, "news");
      expect([path, answer.status]).toEqual([path, 422]);
      expect(answer.body.error.message).toContain(path);
    }
    expect((await publish(operator, { ...news, name: "bot-notes" })).status).toBe(409);
  });

  it("numbers versions, keeps old ones readable and says what changed", async () => {
    const operator = await Operator.create(instance);
    expect((await publish(operator, news)).body.version).toBe(1);
    const looser = { ...news, rules: [{ ...news.rules[0], budgets: [{ max: 10, per: "hour" }] }, news.rules[1]] };
    expect((await publish(operator, looser)).body.version).toBe(2);
    const { items } = await operator.call<{
      items: { version: number; document: typeof news; publishedBy: string; changes: { summary: string } }[];
    }>("GET", "/policies/news/versions");
    expect(items.map(({ version, publishedBy }) => [version, publishedBy])).toEqual([
      [2, "setup-token"],
      [1, "setup-token"],
    ]);
    expect(items[1]?.document).toEqual(news);
    expect(items[0]?.changes.summary).toBe("1 limit raised.");
  });

  it("fails when an example does not hold", async () => {
    const operator = await Operator.create(instance);
    const example = { request: { event: { kind: 5 } }, effect: "allow" };
    const answer = await publish(operator, { ...news, examples: [example] });
    expect(answer.status).toBe(422);
    expect(answer.body.error.message).toMatch(/examples\[0\].*expected allow, got deny/);
  });
});

describe("a published policy", () => {
  it("is enforced at once, with its words in the answer", async () => {
    const operator = await Operator.create(instance);
    await publish(operator, news);
    const signer = await signerFor(operator, "news");
    expect((await signer.signEvent(note("the weather"))).content).toBe("the weather");
    await expect(signer.signEvent(note("A GIVEAWAY"))).rejects.toMatch(/^denied by policy: /);
    await expect(signer.signEvent({ ...note("x"), kind: 5 })).rejects.toMatch(/^denied by policy: /);
    await signer.close();
  });

  it("counts its budget over all apps, over new versions and over a restart, and says when it frees", async () => {
    const own = await startInstance();
    let running = own;
    try {
      const operator = await Operator.create(own);
      await publish(operator, news);
      const [first, second] = [await signerFor(operator, "news", "one"), await signerFor(operator, "news", "two")];
      await first.signEvent(note("1"));
      await second.signEvent(note("2"));
      await publish(operator, { ...news, rules: [{ ...news.rules[0], description: "as before" }, news.rules[1]] });
      const { port, stateDir } = own;
      await Promise.all([first.close(), second.close()]);
      await own.kill();
      running = await startInstance({ port, stateDir });
      const after = operator.after(running);
      const third = await signerFor(after, "news", "three");
      await third.signEvent(note("3"));
      await expect(third.signEvent(note("4"))).rejects.toMatch(/^denied by policy: .*\d{2}:\d{2}/);
      const { items } = await after.call<{ items: Connection[] }>("GET", "/connections");
      const budget = items.find(({ name }) => name === "three")?.budgets[0];
      expect(budget).toMatchObject({ rule: "notes", used: 3, left: 0 });
      expect(Date.parse(budget?.freesAt ?? "")).toBeGreaterThan(Date.now());
      await third.close();
    } finally {
      await running.discard();
    }
  });

  it("never signs more than its budget when requests come at once", async () => {
    const operator = await Operator.create(instance);
    await publish(operator, news);
    const signers = await Promise.all(["a", "b", "c"].map((name) => signerFor(operator, "news", name)));
    const answers = await Promise.allSettled(signers.flatMap((signer) => [1, 2, 3].map((n) => signer.signEvent(note(String(n))))));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    await Promise.all(signers.map((signer) => signer.close()));
  });
});

describe("a dry-run", () => {
  it("replays what was asked and lists every request that would end differently, loosened ones first", async () => {
    const operator = await Operator.create(instance);
    await publish(operator, news);
    const signer = await signerFor(operator, "news");
    await signer.signEvent(note("one"));
    await signer.signEvent(note("two"));
    await expect(signer.signEvent({ ...note("x"), kind: 7 })).rejects.toMatch(/^denied/);
    const draft = { ...news, rules: [{ id: "reactions", effect: "allow", kinds: [7] }] };
    const run = await operator.call<DryRun>("POST", "/policies/dry-run", { policy: draft });
    expect(run.counts).toEqual({ allow: 1, ask: 0, deny: 2 });
    expect(run.changed.map(({ kind, loosened, before, draft: after }) => [kind, loosened, before.effect, after.effect])).toEqual([
      [7, true, "deny", "allow"],
      [1, false, "allow", "deny"],
      [1, false, "allow", "deny"],
    ]);
    const unchanged = await operator.call<DryRun>("POST", "/policies/dry-run", { policy: news });
    expect(unchanged.changed).toEqual([]);
    expect(
      (await operator.api.request("POST", `/bunkers/${operator.bunkerId}/policies/dry-run`, { policy: { name: "x" }, form: 1 })).status,
    ).toBe(422);
    await signer.close();
  });
});

describe("requested permissions", () => {
  it("come back as the narrowest policy, and give the app nothing", async () => {
    const operator = await Operator.create(instance);
    const clientSecretKey = generateSecretKey();
    const uri = createNostrConnectURI({
      clientPubkey: getPublicKey(clientSecretKey),
      relays: [`ws://localhost:${instance.port}/relay/${operator.bunkerId}`],
      secret: "0123456789abcdef",
      perms: ["sign_event:1", "nip44_decrypt"],
      name: "App",
    });
    const waiting = BunkerSigner.fromURI(clientSecretKey, uri, {}, 20_000);
    const connection = await operator.call<Connection>("POST", "/nostrconnect", { uri, policy: "read-only" });
    const signer = await waiting;
    expect(connection.proposedPolicy?.rules.length).toBeGreaterThan(0);
    await expect(signer.signEvent(note("x"))).rejects.toMatch(/^(denied by policy|needs approval): /);
    await signer.close();
  });
});
