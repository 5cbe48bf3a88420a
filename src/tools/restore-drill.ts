// `npm run restore-drill -- FILE`: shows that a backup can be brought back, on this machine and without a trace. It is restored into an
// instance that lives for this one run, signs an event that is published nowhere, and everything is removed.
//
//   npm run restore-drill -- news.age [--identity key.txt]

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hexToBytes } from "@noble/hashes/utils.js";
import { BunkerSigner, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey, verifyEvent } from "nostr-tools/pure";
import type { Backup } from "../backup/backup.ts";
import { publicKeyOf } from "../protocol/keys.ts";
import { npubOf } from "../protocol/npub.ts";
import { transportSecretKey } from "../sealing/derive.ts";
import { apiClient, bodyOf } from "./api-client.ts";
import { openFile } from "./backup-file.ts";
import { startLocalInstance, type LocalInstance } from "./local-instance.ts";
import { freePort } from "./ports.ts";
import { newRootSecret, newSetupToken } from "./settings.ts";
import { runTool, SetupError } from "./setup-error.ts";

const USAGE = "usage: npm run restore-drill -- FILE [--identity FILE]";
/** Far more than a signature on this machine takes. */
const STEP_MILLISECONDS = 20_000;

async function drill(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { identity: { type: "string" } } });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new SetupError(USAGE);
  const backup = await openFile(path, values.identity);
  const { bunker, madeAt } = backup;
  console.log(`${path} opens: ${bunker.name}, ${npubOf(bunker.userPubkey)}, a backup of ${madeAt}.\n`);
  proven(`The key in it is that of ${npubOf(bunker.userPubkey)}`);
  proven(`Apps that know the bunker by keys of its seed: ${appsKnowingIt(backup)}, which are all that were not revoked`);

  const folder = mkdtempSync(join(tmpdir(), "countersign-drill-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const setupToken = newSetupToken();
  let instance: LocalInstance | undefined;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => void Promise.resolve(instance?.stop()).finally(() => process.exit((remove(), 1))));
  }
  try {
    instance = await startOwn(folder, setupToken);
    await tryOut(instance.publicUrl, setupToken, backup);
  } finally {
    await instance?.stop();
    remove();
  }
  if (existsSync(folder)) throw new SetupError(`${folder} could not be removed: it holds the key, sealed. Remove it by hand.`);
  console.log("\nThis backup can be restored. Nothing of the drill is left on this machine, and nothing went anywhere else.");
}

/** Its settings are its own: whatever the environment says of mails and key services is not for a drill. */
async function startOwn(folder: string, setupToken: string): Promise<LocalInstance> {
  const settings = new Map([
    ["ROOT_SECRET", newRootSecret()],
    ["SETUP_TOKEN", setupToken],
    ["SEALING", "root"],
    ["MAIL", "log"],
  ]);
  // What the Worker prints are mails to the team, which nobody is to get.
  const output = { line: () => undefined, error: (text: string) => void process.stderr.write(text), colours: false };
  const port = await freePort();
  const instance = await startLocalInstance({ port, stateDir: join(folder, "state"), settings, environment: process.env, output });
  if (instance.health.status === 200) return instance;
  await instance.stop();
  throw new SetupError(`The instance for the drill is not ready: ${instance.health.text}`);
}

async function tryOut(url: string, setupToken: string, backup: Backup): Promise<void> {
  const { bunkers } = apiClient(url, setupToken);
  const made = await bodyOf(bunkers.restore.$post({ json: { backup: withoutRelays(backup) } }), 201);
  const param = { bunkerId: made.id };
  const one = bunkers[":bunkerId"];
  const bunker = await bodyOf(one.$get({ param }), 200);
  expect(bunker.userPubkey === backup.bunker.userPubkey && bunker.locked, "a locked bunker with that key");
  proven("It becomes a bunker with that key, and that bunker is locked");

  const { items: apps } = await bodyOf(one.connections.$get({ param, query: {} }), 200);
  const { items: policies } = await bodyOf(one.policies.$get({ param }), 200);
  const { items: members } = await bodyOf(one.members.$get({ param }), 200);
  expect(
    apps.every(({ state }) => state !== "active" && state !== "waiting"),
    "no app that may ask for anything",
  );
  expect(members.length === backup.members.length, "each member");
  const own = policies.filter(({ preset }) => !preset).length;
  proven(`No app may ask for anything until somebody resumes it. Policies: ${own}, members: ${members.length}`);

  const verdict = await bodyOf(one.activity.verify.$get({ param }), 200);
  const { items: entries } = await bodyOf(one.activity.$get({ param, query: { limit: "1" } }), 200);
  const facts: Readonly<Record<string, unknown>> = entries[0]?.facts ?? {};
  const { seq, head, epoch } = backup.activity;
  expect(
    verdict.ok && facts["formerSeq"] === seq && facts["formerHead"] === head && facts["formerEpoch"] === epoch,
    "the head of the file",
  );
  expect(Number(facts["epoch"]) > epoch, "a later epoch");
  proven(`Its activity begins with where the old one stood: entry ${seq}, ${head}`);

  await bodyOf(one.unlock.$post({ param, json: {} }), 200);
  await sign(one, param, backup);
  proven("It signed an event for an app, and the signature verifies; the event was published nowhere");
}

async function sign(one: ReturnType<typeof apiClient>["bunkers"][":bunkerId"], param: { bunkerId: string }, backup: Backup): Promise<void> {
  const invite = await bodyOf(one.invites.$post({ param, json: { name: "restore drill", policy: "full-access" } }), 201);
  const pointer = await parseBunkerInput(invite.bunkerUrl);
  if (pointer === null) throw new SetupError("nostr-tools could not read the bunker URL.");
  const signer = BunkerSigner.fromBunker(generateSecretKey(), pointer);
  await inTime(signer.connect());
  const template = { kind: 1, created_at: Math.floor(Date.now() / 1000), tags: [], content: "A restore drill. Nobody was to see this." };
  const event = await inTime(signer.signEvent(template));
  await signer.close();
  // A copy: nostr-tools remembers on the object itself that it was verified.
  const copy = JSON.parse(JSON.stringify(event)) as typeof event;
  expect(verifyEvent(copy) && copy.pubkey === backup.bunker.userPubkey, "a signature of that identity");
}

async function inTime<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SetupError(`No answer within ${STEP_MILLISECONDS / 1000} seconds.`)), STEP_MILLISECONDS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A drill must not answer anybody's app: without relays it talks to this machine alone. */
function withoutRelays(backup: Backup): Backup {
  const connections = backup.connections.map((connection) => ({ ...connection, relays: "embedded" as const, clientRelays: [] }));
  return { ...backup, bunker: { ...backup.bunker, outboundRelays: [] }, connections };
}

/** How many apps that were not revoked know a key that is the bunker's. */
function appsKnowingIt({ seed, remoteSigners, connections }: Backup): number {
  const ids = new Map(remoteSigners.map(({ pubkey, signerId }) => [pubkey, signerId]));
  const live = connections.filter(({ state }) => state !== "revoked");
  for (const { name, remoteSigner } of live) {
    const signerId = ids.get(remoteSigner);
    const derived = signerId === undefined ? undefined : publicKeyOf(transportSecretKey(hexToBytes(seed), hexToBytes(signerId)));
    expect(derived === remoteSigner, `a key of this bunker for the app ${name}`);
  }
  return live.length;
}

function expect(fits: boolean, what: string): void {
  if (!fits) throw new SetupError(`The drill failed: expected ${what}.`);
}

function proven(what: string): void {
  console.log(`✓ ${what}`);
}

await runTool(drill);
// Clients keep relay sockets open for a while; everything that was promised is done.
process.exit();
