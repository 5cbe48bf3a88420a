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
  readonly rounds: Rounds;
}

/** One number a round, of each measurement. */
export interface Rounds {
  readonly connect: number[];
  readonly signMedian: number[];
  readonly signP95: number[];
  readonly signRate: number[];
  readonly decryptRate: number[];
}

interface Connected {
  readonly client: BenchClient;
  readonly decrypting: Ask;
  /** Requests in a measurement of throughput: as many as take about as long with every signer. */
  readonly batch: number;
  readonly rounds: Rounds;
}

const CONNECT_ROUNDS = 5;
/** Connecting gets no more than this share of the time. */
const CONNECT_SHARE = 0.25;
const WARM_UP_REQUESTS = 32; // until the engines have compiled what is hot
const LATENCY_SAMPLES = 20; // one of them lies beyond the 95th percentile
const IN_FLIGHT = 64;
const BATCH_MILLISECONDS = 700;
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

/** Fills in the rounds of all of them: as many as fit into so many milliseconds, and one at least. */
export async function measureAll(all: readonly Subject[], milliseconds: number): Promise<void> {
  const began = performance.now();
  for (const subject of all) await connectAndSign(subject); // warms up
  await inRounds(all, began + milliseconds * CONNECT_SHARE, CONNECT_ROUNDS, [
    async (subject) => void subject.rounds.connect.push(await connectAndSign(subject)),
  ]);
  const connected: Connected[] = [];
  for (const subject of all) connected.push(await connectAndWarm(subject));
  await inRounds(connected, began + milliseconds, Infinity, [
    measureLatency,
    async (one) => void one.rounds.signRate.push(await perSecond(one, signing)),
    async (one) => void one.rounds.decryptRate.push(await perSecond(one, one.decrypting)),
  ]);
  for (const { client } of connected) client.close();
}

/** Goes around all of them, step by step, until no round as long as the longest fits before the deadline any more. */
async function inRounds<Item>(
  items: readonly Item[],
  deadline: number,
  most: number,
  steps: readonly ((item: Item) => Promise<void>)[],
): Promise<void> {
  let longest = 0;
  for (let round = 0; round < most && (round === 0 || performance.now() + longest < deadline); round += 1) {
    const began = performance.now();
    // Every second round the other way round, so that nobody always comes first.
    const order = round % 2 === 0 ? items : items.toReversed();
    for (const step of steps) for (const item of order) await step(item);
    longest = Math.max(longest, performance.now() - began);
  }
}

async function connectAndWarm(subject: Subject): Promise<Connected> {
  const client = await BenchClient.open(subject.bunkerUrl);
  await client.connect();
  const decrypting = decryptingFor(await client.userPubkey());
  await client.measure(decrypting, WARM_UP_REQUESTS, IN_FLIGHT);
  const { milliseconds } = await client.measure(signing, WARM_UP_REQUESTS, IN_FLIGHT);
  const wanted = (WARM_UP_REQUESTS * BATCH_MILLISECONDS) / milliseconds;
  const batch = Math.round(Math.min(Math.max(wanted, IN_FLIGHT), LARGEST_BATCH));
  return { client, decrypting, batch, rounds: subject.rounds };
}

async function measureLatency({ client, rounds }: Connected): Promise<void> {
  const latencies: number[] = [];
  for (let sample = 0; sample < LATENCY_SAMPLES; sample += 1) latencies.push((await client.measure(signing)).milliseconds);
  rounds.signMedian.push(median(latencies));
  rounds.signP95.push(quantile(latencies, 0.95));
}

async function perSecond({ client, batch }: Connected, ask: Ask): Promise<number> {
  return (batch / (await client.measure(ask, batch, IN_FLIGHT)).milliseconds) * 1000;
}

export function emptyRounds(): Rounds {
  return { connect: [], signMedian: [], signP95: [], signRate: [], decryptRate: [] };
}
