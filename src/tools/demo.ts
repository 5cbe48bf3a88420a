// `npm run demo`: the whole job with a real client. Makes a bunker and an invite, connects nostr-tools through the bunker URL, signs, verifies.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BunkerSigner, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey, getPublicKey, verifyEvent } from "nostr-tools/pure";
import type { VerifiedEvent } from "nostr-tools/pure";
import { apiClient, bodyOf, sentenceIn } from "./api-client.ts";
import { PROJECT_FOLDER, startLocalInstance } from "./local-instance.ts";
import { freePort, isPortOpen, parsePort } from "./ports.ts";
import { newRootSecret, newSetupToken, readDevVars } from "./settings.ts";
import { runTool, SetupError } from "./setup-error.ts";

const NOTE_KIND = 1;
/** Far more than any step takes; a client that waits for a lost answer would wait for ever. */
const STEP_MILLISECONDS = 20_000;

interface Target {
  readonly url: string;
  readonly setupToken: string;
  /** Whether the instance stays when the demo ends. */
  readonly lasting: boolean;
  readonly end: () => Promise<void>;
}

async function demo(): Promise<void> {
  const target = await findInstance(process.env);
  try {
    await demonstrate(target);
  } finally {
    await target.end();
  }
}

async function demonstrate(target: Target): Promise<void> {
  const { bunkers } = apiClient(target.url, target.setupToken);
  const bunker = await step("Create a bunker", () => bodyOf(bunkers.$post({ json: { name: "demo" } }), 201));
  console.log(`  ${bunker.npub}`);
  const inviteApp = (name: string) =>
    bodyOf(bunkers[":bunkerId"].invites.$post({ param: { bunkerId: bunker.id }, json: { name, policy: "bot-notes" } }), 201);
  const invite = await step("Invite an app under the policy bot-notes", () => inviteApp("demo app"));
  console.log(`  ${withoutInviteSecret(invite.bunkerUrl)}`);

  const pointer = await parseBunkerInput(invite.bunkerUrl);
  if (pointer === null) throw new SetupError("nostr-tools could not read the bunker URL.");
  const clientSecretKey = generateSecretKey();
  const signer = BunkerSigner.fromBunker(clientSecretKey, pointer);
  console.log(`  the app's own key: ${getPublicKey(clientSecretKey)}`);
  await step("Connect through the bunker URL, with nostr-tools", () => signer.connect({ name: "Countersign demo" }));
  const pubkey = await step("Ask for the public key", () => signer.getPublicKey());
  if (pubkey !== bunker.userPubkey) throw new SetupError(`Expected the bunker's public key, got ${pubkey}.`);
  const template = { kind: NOTE_KIND, created_at: Math.floor(Date.now() / 1000), tags: [], content: "Countersigned." };
  const event = await step("Sign a note", () => signer.signEvent(template));
  check(event, bunker.userPubkey);
  await signer.close();
  console.log(`\nVerified with nostr-tools, signed by ${bunker.npub}:\n${JSON.stringify(event, undefined, 2)}`);

  if (!target.lasting) return;
  const own = await inviteApp("my app");
  console.log(`\nA bunker URL for an app of yours. It works once, so treat it like a password:\n${own.bunkerUrl}`);
}

function check(event: VerifiedEvent, userPubkey: string): void {
  // A copy: nostr-tools remembers on the object itself that it was verified.
  const copy = { ...event, tags: event.tags.map((tag) => [...tag]) };
  if (!verifyEvent(JSON.parse(JSON.stringify(copy)))) throw new SetupError("The signature does not verify.");
  if (copy.pubkey !== userPubkey) throw new SetupError("The event is signed by another key than the bunker's.");
}

async function step<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SetupError(`${name}: no answer within ${STEP_MILLISECONDS / 1000} seconds.`)), STEP_MILLISECONDS);
  });
  try {
    const value = await Promise.race([work(), late]);
    console.log(`✓ ${name} (${(performance.now() - began).toFixed(1)} ms)`);
    return value;
  } finally {
    clearTimeout(timer);
  }
}

/** The one at DEMO_URL, or the one at PORT, or a short-lived one of our own. */
async function findInstance(environment: NodeJS.ProcessEnv): Promise<Target> {
  const port = parsePort(environment["PORT"]);
  const given = environment["DEMO_URL"]?.replace(/\/+$/, "");
  if (given !== undefined || (await isPortOpen(port))) {
    const url = given ?? `http://localhost:${port}`;
    const setupToken =
      environment["SETUP_TOKEN"] ?? readDevVars(resolve(PROJECT_FOLDER, environment["DEV_VARS"] ?? ".dev.vars")).get("SETUP_TOKEN");
    if (setupToken === undefined)
      throw new SetupError(`SETUP_TOKEN of the instance at ${url}: expected in the environment or in .dev.vars.`);
    console.log(`Against the instance at ${url}\n`);
    return { url, setupToken, lasting: true, end: () => Promise.resolve() };
  }
  return startOwn(environment);
}

async function startOwn(environment: NodeJS.ProcessEnv): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-demo-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const setupToken = newSetupToken();
  const settings = new Map([
    ["ROOT_SECRET", newRootSecret()],
    ["SETUP_TOKEN", setupToken],
  ]);
  const output = { line: () => undefined, error: (text: string) => void process.stderr.write(text), colours: false };
  const port = await freePort();
  console.log("No instance is running: starting one for the demo alone…\n");
  try {
    const instance = await startLocalInstance({ port, stateDir: join(folder, "state"), settings, environment, output });
    if (instance.health.status !== 200) throw new SetupError(`The instance is not ready: ${sentenceIn(instance.health.text)}.`);
    const end = () => instance.stop().finally(remove);
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void end().finally(() => process.exit(1)));
    return { url: instance.publicUrl, setupToken, lasting: false, end };
  } catch (error) {
    remove();
    throw error;
  }
}

function withoutInviteSecret(bunkerUrl: string): string {
  return bunkerUrl.replace(/secret=[^&]*/, "secret=…");
}

await runTool(demo);
// Clients keep relay sockets open for a while; everything that was promised is done.
process.exit();
