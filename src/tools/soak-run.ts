// The soak itself: an app connects over a relay, everybody is silent for a while, then the app asks again. Says what became of the
// bunker's object and of its link meanwhile. The relay and the length of the silence are the caller's.

import { setTimeout as sleep } from "node:timers/promises";
import { BunkerSigner, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey, verifyEvent } from "nostr-tools/pure";
import { apiClient, bodyOf } from "./api-client.ts";
import { SetupError } from "./setup-error.ts";

export interface SoakOptions {
  readonly url: string;
  readonly setupToken: string;
  readonly relayUrl: string;
  /** Sockets that the relay has ever taken. */
  readonly socketsTaken: () => number;
  readonly silenceMilliseconds: number;
  /** What happens to the relay in the middle of the silence. */
  readonly interrupt?: () => Promise<void>;
  /** An app of the embedded relay stays connected, and silent, all the time. */
  readonly withEmbeddedClient?: boolean;
  readonly say?: (line: string) => void;
}

export interface SoakReport {
  /** How often the bunker's object began anew with a link to hold: 1 when it lived through. */
  readonly wakes: number;
  readonly reconnects: number;
  /** Sockets that the bunker opened at the relay in the silence. */
  readonly dialsInSilence: number;
  /** From the app's new socket to its verified signature. */
  readonly signedWithinMilliseconds: number;
}

const LINKED_MILLISECONDS = 30_000;
const ANSWER_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 250;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { relayUrl, socketsTaken, silenceMilliseconds, say = () => undefined } = options;
  const { bunkers } = apiClient(options.url, options.setupToken);
  const { id: bunkerId } = await bodyOf(bunkers.$post({ json: { name: "soak" } }), 201);
  const param = { bunkerId };
  const describe = () => bodyOf(bunkers[":bunkerId"].$get({ param }), 200);
  await bodyOf(bunkers[":bunkerId"].relays.$put({ param, json: { relays: [relayUrl] } }), 200);
  const json = { name: "soak", policy: "full-access", relays: "outbound" } as const;
  const { bunkerUrl } = await bodyOf(bunkers[":bunkerId"].invites.$post({ param, json }), 201);
  const linked = await until(async () => (await describe()).relays.some(({ kind, state }) => kind === "outbound" && state === "open"));
  if (!linked) throw new SetupError("The bunker did not reach the relay.");

  const pointer = await parseBunkerInput(bunkerUrl);
  if (pointer === null) throw new SetupError("nostr-tools could not read the bunker URL.");
  const clientSecretKey = generateSecretKey();
  const first = BunkerSigner.fromBunker(clientSecretKey, pointer);
  await inTime("connect", first.connect());
  await first.close();
  const embedded = options.withEmbeddedClient === true ? await openSocket(embeddedRelay(await describe())) : undefined;

  // The signer's own socket may count itself late: what comes after a moment is the bunker's.
  await sleep(1_000);
  const before = socketsTaken();
  say(`silence for ${silenceMilliseconds / 1000} s${options.interrupt === undefined ? "" : ", the relay restarts in the middle"}`);
  await sleep(silenceMilliseconds / 2);
  await options.interrupt?.();
  await sleep(silenceMilliseconds / 2);
  const dialsInSilence = socketsTaken() - before;
  embedded?.close();

  const began = performance.now();
  const second = BunkerSigner.fromBunker(clientSecretKey, pointer);
  const template = { kind: 1, created_at: Math.floor(Date.now() / 1000), tags: [], content: "after the silence" };
  const event = await inTime("sign", second.signEvent(template));
  const signedWithinMilliseconds = performance.now() - began;
  await second.close();
  if (!verifyEvent(JSON.parse(JSON.stringify(event)))) throw new SetupError("The signature does not verify.");
  const { wakes, relays } = await describe();
  const reconnects = relays.find(({ kind }) => kind === "outbound")?.reconnects ?? 0;
  return { wakes, reconnects, dialsInSilence, signedWithinMilliseconds };
}

function embeddedRelay({ relays }: { readonly relays: readonly { readonly kind: string; readonly url: string }[] }): string {
  return relays.find(({ kind }) => kind === "embedded")?.url ?? "";
}

async function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    // Answered by the object itself: from then on it may be put to sleep under its sockets.
    socket.addEventListener("open", () => socket.send(JSON.stringify(["REQ", "soak", { "#p": ["0".repeat(64)] }])));
    socket.addEventListener("message", () => resolve());
    socket.addEventListener("error", () => reject(new SetupError("The embedded relay took no socket.")));
  });
  return socket;
}

async function until(condition: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = Date.now() + LINKED_MILLISECONDS; Date.now() < deadline; await sleep(POLL_MILLISECONDS)) {
    if (await condition()) return true;
  }
  return false;
}

async function inTime<Value>(what: string, work: Promise<Value>): Promise<Value> {
  const given = new AbortController();
  const late = sleep(ANSWER_MILLISECONDS, undefined, { signal: given.signal }).then(() => {
    throw new SetupError(`${what}: no answer within ${ANSWER_MILLISECONDS / 1000} seconds.`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    given.abort();
  }
}
