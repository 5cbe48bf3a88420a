// What is measured, of every signer in turn: rounds go around all signers, so that a busy machine slows them all down alike.

import { setTimeout as sleep } from "node:timers/promises";
import { schnorr } from "@noble/curves/secp256k1.js";
import { conversationKeys, encryptContent } from "../../protocol/envelope.ts";
import { parseEvent, verifyEvent } from "../../protocol/event.ts";
import { parseJson } from "../../protocol/json.ts";
import { publicKeyOf } from "../../protocol/keys.ts";
import type { Pubkey } from "../../protocol/keys.ts";
import { BenchClient } from "./client.ts";
import type { Ask } from "./client.ts";
import { median, quantile } from "./statistics.ts";

/** A signer that can be measured. */
export interface Subject {
  readonly name: string;
  readonly bunkerUrl: string;
}

/** One number a round, of each measurement. */
export interface Rounds {
  readonly connect: number[];
  readonly signMedian: number[];
  readonly signP95: number[];
  readonly signRate: number[];
  readonly decryptRate: number[];
}

export interface Measured {
  readonly name: string;
  readonly rounds: Rounds;
}

interface Connected {
  readonly client: BenchClient;
  readonly decrypting: Ask;
  /** Requests in a measurement of throughput: as many as take about as long with every signer. */
  readonly batch: number;
}

const CONNECT_ROUNDS = 5;
/** Connecting gets no more than this share of the time. */
const CONNECT_SHARE = 0.25;
const WARM_UP_REQUESTS = 32; // until the engines have compiled what is hot
const LATENCY_SAMPLES = 20; // one of them lies beyond the 95th percentile
const IN_FLIGHT = 64;
const BATCH_SECONDS = 0.7;
const LARGEST_BATCH = 512;
/** A signer that keeps a single client needs a moment until it is free for the next. */
const BETWEEN_CLIENTS_MILLISECONDS = 100;

const MESSAGE = "Countersigned, and a little longer than a greeting, as messages are.";

const signing: Ask = {
  method: "sign_event",
  params: [JSON.stringify({ kind: 1, content: MESSAGE, tags: [["t", "bench"]], created_at: 1_795_000_000 })],
  isRight(result) {
    const event = parseEvent(parseJson(result));
    return event !== undefined && event.content === MESSAGE && verifyEvent(event);
  },
};

/** A message to the user from somebody else, to be decrypted again and again. */
function decryptingFor(user: Pubkey): Ask {
  const sender = schnorr.utils.randomSecretKey();
  const ciphertext = encryptContent(MESSAGE, "nip44", conversationKeys(sender, user));
  return { method: "nip44_decrypt", params: [publicKeyOf(sender), ciphertext], isRight: (result) => result === MESSAGE };
}

/** Opens a socket, connects as a new client and has something signed. Milliseconds. */
async function connectAndSign(subject: Subject): Promise<number> {
  const began = performance.now();
  const client = await BenchClient.open(subject.bunkerUrl);
  await client.connect();
  await client.measure(signing);
  const took = performance.now() - began;
  await client.logout();
  await sleep(BETWEEN_CLIENTS_MILLISECONDS);
  return took;
}

/** Measures all of them, in as many rounds as fit into so many milliseconds, and in one at least. */
export async function measureAll(subjects: readonly Subject[], milliseconds: number): Promise<Measured[]> {
  const began = performance.now();
  const all = subjects.map((subject) => ({ subject, rounds: emptyRounds() }));
  for (const { subject } of all) await connectAndSign(subject); // warms up
  await inRounds(all, began + milliseconds * CONNECT_SHARE, CONNECT_ROUNDS, async ({ subject, rounds }) => {
    rounds.connect.push(await connectAndSign(subject));
  });
  const connected: ({ rounds: Rounds } & Connected)[] = [];
  for (const { subject, rounds } of all) connected.push({ rounds, ...(await connectAndWarm(subject)) });
  await inRounds(connected, began + milliseconds, Infinity, measureRound);
  for (const { client } of connected) client.close();
  return all.map(({ subject, rounds }) => ({ name: subject.name, rounds }));
}

/** Goes around all of them until no round as long as the longest fits before the deadline any more. */
async function inRounds<Item>(
  items: readonly Item[],
  deadline: number,
  most: number,
  measure: (item: Item) => Promise<void>,
): Promise<void> {
  let longest = 0;
  for (let round = 0; round < most && (round === 0 || performance.now() + longest < deadline); round += 1) {
    const began = performance.now();
    // Every second round the other way round, so that nobody always comes first.
    for (const item of round % 2 === 0 ? items : items.toReversed()) await measure(item);
    longest = Math.max(longest, performance.now() - began);
  }
}

async function connectAndWarm(subject: Subject): Promise<Connected> {
  const client = await BenchClient.open(subject.bunkerUrl);
  await client.connect();
  const decrypting = decryptingFor(await client.userPubkey());
  await client.measure(decrypting, WARM_UP_REQUESTS, IN_FLIGHT);
  const { milliseconds } = await client.measure(signing, WARM_UP_REQUESTS, IN_FLIGHT);
  const perSecond = (WARM_UP_REQUESTS / milliseconds) * 1000;
  const batch = Math.round(Math.min(Math.max(perSecond * BATCH_SECONDS, IN_FLIGHT), LARGEST_BATCH));
  return { client, decrypting, batch };
}

async function measureRound({ client, decrypting, batch, rounds }: Connected & { readonly rounds: Rounds }): Promise<void> {
  const latencies: number[] = [];
  for (let sample = 0; sample < LATENCY_SAMPLES; sample += 1) latencies.push((await client.measure(signing)).milliseconds);
  rounds.signMedian.push(median(latencies));
  rounds.signP95.push(quantile(latencies, 0.95));
  const perSecond = async (ask: Ask) => (batch / (await client.measure(ask, batch, IN_FLIGHT)).milliseconds) * 1000;
  rounds.signRate.push(await perSecond(signing));
  rounds.decryptRate.push(await perSecond(decrypting));
}

function emptyRounds(): Rounds {
  return { connect: [], signMedian: [], signP95: [], signRate: [], decryptRate: [] };
}
