// Every key of one bunker: the seed and what derives from it (always openable under the root), and the user's key (opened by the
// key service, held for a set time). Nothing here leaves as text, and locking drops the user's key at once.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { ClientPubkey, RemoteSignerPubkey } from "../../src/protocol/keys.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { conversationKeys, type ConversationKeys } from "../../src/protocol/envelope.ts";
import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import { openBunkerSeed } from "../../src/sealing/bunker-seed.ts";
import {
  approvalHashKey,
  approvalLinkHashKey,
  familiarHashKey,
  inboxKey,
  inviteHashKey,
  mailKey,
  rowMacKey,
  transportSecretKey,
} from "../../src/sealing/derive.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { OpenedKey } from "../../src/sealing/opened-key.ts";
import { openUserKey, parseUserKeyRecord, type UserKeyOwner, type UserKeyRecord } from "../../src/sealing/user-key.ts";
import type { BunkerTable } from "./bunker-row.ts";
import type { KeyServiceNotes } from "./key-service-notes.ts";

// An ECDH costs half a millisecond; a few hundred apps talk at once at most, and each entry is 32 bytes.
const MAX_CONVERSATIONS = 1_000;

export class BunkerKeys {
  readonly bunkerId: string;
  readonly #sql: SqlStorage;
  readonly #bunker: BunkerTable;
  readonly #sealing: DeploymentSealing;
  readonly #notes: KeyServiceNotes;
  readonly #derived = new Map<string, Uint8Array>();
  readonly #transport = new Map<string, Uint8Array>();
  readonly #conversations = new Map<string, ConversationKeys>();
  #userKey: OpenedKey | undefined;
  #opening: Promise<void> | undefined;
  // Counts closings: a key that was being opened while the bunker was locked must not stay.
  #closings = 0;

  constructor(bunkerId: string, sql: SqlStorage, bunker: BunkerTable, sealing: DeploymentSealing, notes: KeyServiceNotes) {
    this.bunkerId = bunkerId;
    this.#sql = sql;
    this.#bunker = bunker;
    this.#sealing = sealing;
    this.#notes = notes;
  }

  /** How often the bunker was restored. */
  epoch(): number {
    return this.#bunker.readSeed().epoch;
  }

  /** For a backup alone. */
  seedHex(): string {
    return this.#withSeed(bytesToHex);
  }

  /** For a backup alone: the public halves, and what their secret ones derive from beside the seed. */
  remoteSigners(): { readonly pubkey: string; readonly signerId: string }[] {
    return this.#sql
      .exec<{ pubkey: string; signer_id: ArrayBuffer }>("SELECT pubkey, signer_id FROM remote_signers ORDER BY pubkey")
      .toArray()
      .map(({ pubkey, signer_id: id }) => ({ pubkey, signerId: bytesToHex(new Uint8Array(id)) }));
  }

  rowMacKey(): Uint8Array {
    return this.#derive("row-mac", rowMacKey);
  }

  /** Seals what waits or is kept beside the chain: inbox rows, recorded requests, baselines. */
  inboxKey(): Uint8Array {
    return this.#derive("inbox", inboxKey);
  }

  inviteHashKey(): Uint8Array {
    return this.#derive("invite-hash", inviteHashKey);
  }

  familiarHashKey(): Uint8Array {
    return this.#derive("familiar-hash", familiarHashKey);
  }

  approvalHashKey(): Uint8Array {
    return this.#derive("approval-hash", approvalHashKey);
  }

  approvalLinkHashKey(): Uint8Array {
    return this.#derive("approval-link-hash", approvalLinkHashKey);
  }

  /** Seals this bunker's mails until they are sent. */
  mailKey(): Uint8Array {
    return this.#derive("mail", mailKey);
  }

  /** Makes a remote-signer key out of a fresh 16-byte id and remembers whose it is. */
  addRemoteSigner(signerId: Uint8Array): RemoteSignerPubkey {
    const secretKey = this.#withSeed((seed) => transportSecretKey(seed, signerId));
    const pubkey = publicKeyOf(secretKey) as RemoteSignerPubkey;
    this.#transport.set(pubkey, secretKey);
    this.#sql.exec("INSERT INTO remote_signers (pubkey, signer_id) VALUES (?, ?)", pubkey, signerId);
    return pubkey;
  }

  /** Those of a backup, which were found to derive from its seed. */
  putRemoteSigners(signers: readonly { readonly pubkey: string; readonly signerId: string }[]): void {
    for (const { pubkey, signerId } of signers) {
      this.#sql.exec("INSERT INTO remote_signers (pubkey, signer_id) VALUES (?, ?)", pubkey, hexToBytes(signerId));
    }
  }

  /** True when the key is one of this bunker's remote-signer keys. */
  isOurs(pubkey: string): boolean {
    return this.#transport.has(pubkey) || this.#signerId(pubkey) !== undefined;
  }

  /** The secret half of one of our remote-signer keys. Throws for any other. */
  remoteSignerSecretKey(pubkey: RemoteSignerPubkey): Uint8Array {
    const cached = this.#transport.get(pubkey);
    if (cached !== undefined) return cached;
    const signerId = this.#signerId(pubkey);
    if (signerId === undefined) throw new Error("expected one of this bunker's remote-signer keys");
    const secretKey = this.#withSeed((seed) => transportSecretKey(seed, signerId));
    // The column is only an index: what derives from the seed decides which key it is.
    if (publicKeyOf(secretKey) !== pubkey) throw new Error("expected a remote-signer key that derives from this bunker's seed");
    this.#transport.set(pubkey, secretKey);
    return secretKey;
  }

  /** `keep` only for clients that are connected: strangers leave nothing behind. */
  conversation(remoteSigner: RemoteSignerPubkey, client: ClientPubkey, keep: boolean): ConversationKeys {
    const name = remoteSigner + client;
    const cached = this.#conversations.get(name);
    if (cached !== undefined) return cached;
    const made = conversationKeys(this.remoteSignerSecretKey(remoteSigner), client);
    if (keep) {
      const oldest = this.#conversations.size >= MAX_CONVERSATIONS ? this.#conversations.keys().next().value : undefined;
      if (oldest !== undefined) this.#conversations.delete(oldest);
      this.#conversations.set(name, made);
    }
    return made;
  }

  isUserKeyOpen(now: number): boolean {
    return this.#userKey?.isOpen(now) ?? false;
  }

  /** Opens the user's key; calls at the same time share one question to the key service. Rejects with its error. */
  async openUserKey(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  /** Lends the opened key to `fn`, which must not keep it. Throws when it is closed. */
  useUserKey<Value>(now: number, fn: (userSecretKey: Uint8Array) => Value): Value {
    if (this.#userKey === undefined) throw new Error("expected an opened user key");
    let value: { of: Value } | undefined;
    this.#userKey.use(now, (userSecretKey) => {
      value = { of: fn(userSecretKey) };
    });
    if (value === undefined) throw new Error("expected the opened user key to be used");
    return value.of;
  }

  closeUserKey(): void {
    this.#closings += 1;
    this.#userKey?.close();
    this.#userKey = undefined;
  }

  async #open(): Promise<void> {
    const row = this.#bunker.read();
    const closings = this.#closings;
    const owner = { bunkerId: this.bunkerId, userPubkey: row.userPubkey };
    const record = parseUserKeyRecord(row.sealedUserKey);
    if (record.epoch !== row.epoch) throw new Error(`expected a user key of epoch ${row.epoch}, got one of ${record.epoch}`);
    const bytes = await this.#ask(record, owner);
    if (closings !== this.#closings) {
      bytes.fill(0);
      return;
    }
    this.#userKey = new OpenedKey(bytes, { openedAt: Date.now(), seconds: this.#sealing.openedKeySeconds });
  }

  async #ask(record: UserKeyRecord, owner: UserKeyOwner): Promise<Uint8Array> {
    try {
      const bytes = await openUserKey(record, owner, this.#sealing.provider(record.provider), this.#sealing.roots);
      this.#notes.worked(record.provider);
      return bytes;
    } catch (error) {
      this.#notes.failed(record.provider, error, Date.now());
      throw error;
    }
  }

  #signerId(pubkey: string): Uint8Array | undefined {
    const query = "SELECT signer_id FROM remote_signers WHERE pubkey = ?";
    const row = this.#sql.exec<{ signer_id: ArrayBuffer }>(query, pubkey).toArray()[0];
    return row === undefined ? undefined : new Uint8Array(row.signer_id);
  }

  #derive(name: string, derive: (seed: Uint8Array, epoch: number) => Uint8Array): Uint8Array {
    const cached = this.#derived.get(name);
    if (cached !== undefined) return cached;
    const made = this.#withSeed(derive);
    this.#derived.set(name, made);
    return made;
  }

  /** Read afresh: nothing here can be checked, and nothing be granted, when it does not open. */
  isSeedWhole(): boolean {
    try {
      return this.#withSeed(() => true);
    } catch (error) {
      if (error instanceof SealError) return false;
      throw error;
    }
  }

  #withSeed<Value>(fn: (seed: Uint8Array, epoch: number) => Value): Value {
    const row = this.#bunker.readSeed();
    const seed = openBunkerSeed(row.sealedSeed, { bunkerId: this.bunkerId, epoch: row.epoch }, this.#sealing.roots);
    try {
      return fn(seed, row.epoch);
    } finally {
      seed.fill(0);
    }
  }
}
