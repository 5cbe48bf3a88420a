// Bunkers inside workerd: made through their own RPC, spoken to through their own sockets.

import { env } from "cloudflare:workers";
import type { Bunker } from "../../durable-objects/bunker.ts";
import { openStore, type BunkerStore } from "../../durable-objects/bunker/store.ts";
import type { CreateInvite } from "../../durable-objects/bunker-rpc.ts";
import type { InstanceRpc } from "../../durable-objects/instance-rpc.ts";
import type { SetupPrincipal } from "../../src/people/principal.ts";
import { parseBunkerUrl } from "../../src/protocol/connection-uri.ts";
import type { Result } from "../../src/result.ts";
import { deploymentSealing } from "../../src/deployment-sealing.ts";
import { Nip46Client } from "../support/nip46-client.ts";

export const OPERATOR: SetupPrincipal = { kind: "machine", credential: "setup-token", claimed: false };

export const INVITE: CreateInvite = {
  name: "test app",
  policy: "full-access",
  expiresInSeconds: 3600,
  uses: 1,
  confirm: false,
  interactive: false,
  nip04: false,
  relays: "embedded",
};

export type BunkerStub = DurableObjectStub<Bunker>;

export function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
}

export async function newBunker(): Promise<BunkerStub> {
  const stub = env.BUNKER.get(env.BUNKER.newUniqueId());
  value(await stub.create(OPERATOR, { name: "test bunker", exportable: true, publicUrl: "http://localhost:8787" }));
  return stub;
}

/** The product's one instance, with the types of the contract. */
export function theInstance(): InstanceRpc {
  return env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
}

/** A bunker that the instance lists, as all are that come through the API. */
export async function listedBunker(): Promise<BunkerStub> {
  const begun = value(await theInstance().beginBunker(OPERATOR, "http://localhost:8787/api/v1/bunkers"));
  const stub = env.BUNKER.get(env.BUNKER.idFromString(begun.id));
  const made = value(await stub.create(OPERATOR, { name: "test bunker", exportable: true, publicUrl: begun.publicUrl }));
  await theInstance().finishBunker(begun.id, made);
  return stub;
}

/** The same object through a fresh stub, as after a restart. */
export function again(stub: BunkerStub): BunkerStub {
  return env.BUNKER.get(stub.id);
}

/** The tables of a bunker, opened beside the object itself: to put it into a state that only a crash leaves behind. */
export function storeOf(state: DurableObjectState): BunkerStore {
  const sealing = deploymentSealing(env);
  if (sealing === undefined) throw new Error("expected a root secret in the test bindings");
  return openStore(state, sealing, () => undefined);
}

export async function openSocket(stub: BunkerStub, address = "192.0.2.1"): Promise<WebSocket> {
  const response = await stub.fetch("https://bunker.test/relay", { headers: { Upgrade: "websocket", "CF-Connecting-IP": address } });
  if (response.webSocket === null) throw new Error(`expected a socket, got status ${response.status}`);
  response.webSocket.accept();
  return response.webSocket;
}

export async function invite(
  stub: BunkerStub,
  change: Partial<CreateInvite> = {},
): Promise<{ id: string; remoteSigner: string; inviteSecret: string }> {
  const made = value(await stub.createInvite(OPERATOR, { ...INVITE, ...change }));
  const url = parseBunkerUrl(made.bunkerUrl);
  if (url?.inviteSecret === undefined) throw new Error("expected a bunker URL with a secret");
  return { id: made.id, remoteSigner: url.remoteSigner, inviteSecret: url.inviteSecret };
}

/** A client with a subscription, connected by a fresh invite. */
export async function connectedClient(stub: BunkerStub, change: Partial<CreateInvite> = {}): Promise<Nip46Client> {
  const { remoteSigner, inviteSecret } = await invite(stub, change);
  const client = await newClient(stub, remoteSigner);
  const answer = await client.connect(inviteSecret);
  if (answer.result !== "ack") throw new Error(`expected ack, got ${JSON.stringify(answer)}`);
  return client;
}

export async function newClient(stub: BunkerStub, remoteSigner: string, secretKey?: Uint8Array): Promise<Nip46Client> {
  const client = new Nip46Client(await openSocket(stub), remoteSigner, secretKey);
  await client.subscribe();
  return client;
}

export function note(content = "hello"): string {
  return JSON.stringify({ kind: 1, content, tags: [], created_at: Math.floor(Date.now() / 1000) });
}
