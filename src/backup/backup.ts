// What a backup holds, and the one reader of it: every field is checked, nothing is guessed. Format: src/sealing/FORMAT.md, "A backup".

import { hexToBytes } from "@noble/hashes/utils.js";
import { ROLES, type Role } from "../people/principal.ts";
import { cleanMetadata, type ClientMetadata } from "../protocol/client-metadata.ts";
import { isJsonObject, parseJson } from "../protocol/json.ts";
import {
  isHex64,
  isSecretKey,
  parsePubkey,
  publicKeyOf,
  type ClientPubkey,
  type Pubkey,
  type RemoteSignerPubkey,
  type UserPubkey,
} from "../protocol/keys.ts";
import { expected, fields, flag, instant, line, listOf, millis, oneOf, text, whole, UnfitError } from "./fields.ts";

export const BACKUP_FORMAT = "countersign-backup/v1";
/** Ten thousand apps and a shelf of policies need less; what is larger is neither made nor read. */
export const MAX_BACKUP_BYTES = 16 * 1024 * 1024;

/** Nobody restores a bunker a million times; whoever writes a larger number wants the next one to be none. */
export const MAX_EPOCH = 1_000_000;

const MAX_NAME = 100;
const MAX_URL = 512;
const MAX_DOCUMENT = 262_144; // the largest body that the API takes
/** The next version must have room. */
const MAX_VERSION = 1_000_000_000;
const MAX_IDLE_SECONDS = 100 * 366 * 86_400;

export interface BackupConnection {
  readonly id: string;
  readonly remoteSigner: RemoteSignerPubkey;
  readonly client: ClientPubkey;
  readonly inviteId: string | null;
  readonly name: string;
  readonly policy: string;
  readonly state: "active" | "suspended" | "revoked" | "waiting";
  readonly nip04: boolean;
  readonly interactive: boolean;
  readonly relays: "embedded" | "all" | "outbound";
  readonly clientRelays: readonly string[];
  readonly switchedAt: number | null;
  readonly metadata: ClientMetadata | null;
  readonly requestedPermissions: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly lastUsedAt: number;
  readonly expiresAt: number | null;
  readonly idleExpiresInSeconds: number;
}

export interface BackupPolicy {
  readonly name: string;
  readonly version: number;
  readonly document: string;
  readonly publishedAt: number;
  readonly publishedBy: string;
}

export interface BackupNickname {
  readonly pubkey: Pubkey;
  readonly name: string;
  readonly givenAt: number;
  readonly givenBy: string;
}

export interface Backup {
  readonly format: typeof BACKUP_FORMAT;
  readonly madeAt: string;
  readonly bunker: {
    readonly id: string;
    readonly name: string;
    readonly userPubkey: UserPubkey;
    readonly createdAt: string;
    readonly outboundRelays: readonly string[];
    readonly fourEyes: boolean;
    readonly settings: {
      readonly votes: "link" | "signed-in" | "passkey";
      readonly mailShows: "text" | "kind";
      readonly suspendAfterDenials: number | null;
      readonly suspendOnNewKind: boolean;
      readonly suspendAfterUsedUpLimits: number | null;
    };
  };
  /** 32 bytes each, as hex: the identity, and what the keys derive from that apps know the bunker by. */
  readonly userSecretKey: string;
  readonly seed: string;
  readonly remoteSigners: readonly { readonly pubkey: RemoteSignerPubkey; readonly signerId: string }[];
  readonly connections: readonly BackupConnection[];
  readonly policies: readonly BackupPolicy[];
  readonly members: readonly { readonly email: string; readonly role: Role }[];
  /** Names that members gave to public keys. */
  readonly nicknames: readonly BackupNickname[];
  /** Where the activity stood. */
  readonly activity: { readonly epoch: number; readonly seq: number; readonly head: string };
}

export type ReadBackup =
  | { readonly ok: true; readonly backup: Backup }
  /** One clause for people: no value of the file is in it. */
  | { readonly ok: false; readonly problem: string };

/** What a file held once it was decrypted. */
export function readBackup(bytes: Uint8Array): ReadBackup {
  if (bytes.length > MAX_BACKUP_BYTES) return { ok: false, problem: `it is larger than any backup: ${MAX_BACKUP_BYTES} bytes at most` };
  let json: string;
  try {
    json = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return { ok: false, problem: "what is inside is no backup of Countersign" };
  }
  return parseBackup(parseJson(json));
}

export function parseBackup(value: unknown): ReadBackup {
  try {
    return { ok: true, backup: backupIn(value) };
  } catch (error) {
    if (error instanceof UnfitError) return { ok: false, problem: error.message };
    throw error;
  }
}

function backupIn(value: unknown): Backup {
  const { format } = isJsonObject(value) ? value : {};
  if (typeof format !== "string" || !format.startsWith("countersign-backup/")) {
    throw new UnfitError("what is inside is no backup of Countersign");
  }
  if (format !== BACKUP_FORMAT) throw new UnfitError(`it is a backup of another version of Countersign: this one reads ${BACKUP_FORMAT}`);
  const names = "format madeAt bunker userSecretKey seed remoteSigners connections policies members nicknames activity";
  const top = fields(value, "", names);
  const backup: Backup = {
    format,
    madeAt: instant(top["madeAt"], "madeAt"),
    bunker: bunkerIn(top["bunker"]),
    userSecretKey: hex(top["userSecretKey"], "userSecretKey", 64),
    seed: hex(top["seed"], "seed", 64),
    remoteSigners: listOf(top["remoteSigners"], "remoteSigners", remoteSignerIn),
    connections: listOf(top["connections"], "connections", connectionIn),
    policies: listOf(top["policies"], "policies", policyIn),
    members: listOf(top["members"], "members", memberIn),
    nicknames: listOf(top["nicknames"], "nicknames", nicknameIn),
    activity: headIn(top["activity"]),
  };
  checkKey(backup);
  checkUnique("connections", backup.connections, ({ id }) => id);
  checkUnique("connections", backup.connections, ({ remoteSigner, client }) => `${remoteSigner} ${client}`);
  checkUnique("policies", backup.policies, ({ name, version }) => `${name} ${version}`);
  checkUnique("members", backup.members, ({ email }) => email);
  checkUnique("nicknames", backup.nicknames, ({ pubkey: key }) => key);
  checkUnique("remoteSigners", backup.remoteSigners, ({ pubkey }) => pubkey);
  return backup;
}

// Whoever can encrypt to a recipient can write a file: nothing in it is believed that can be computed.
function checkKey({ userSecretKey, bunker }: Backup): void {
  const bytes = hexToBytes(userSecretKey);
  try {
    if (!isSecretKey(bytes)) throw new UnfitError("the key in it is no secret key");
    if (publicKeyOf(bytes) !== bunker.userPubkey) throw new UnfitError("the key in it is not that of the identity that it names");
  } finally {
    bytes.fill(0);
  }
}

function checkUnique<Item>(path: string, items: readonly Item[], keyOf: (item: Item) => string): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (seen.has(keyOf(item))) throw expected(`${path}[${index}]`, "another one than before");
    seen.add(keyOf(item));
  }
}

function bunkerIn(value: unknown): Backup["bunker"] {
  const row = fields(value, "bunker", "id name userPubkey createdAt outboundRelays fourEyes settings");
  const settings = fields(
    row["settings"],
    "bunker.settings",
    "votes mailShows suspendAfterDenials suspendOnNewKind suspendAfterUsedUpLimits",
  );
  const count = (name: string) => (settings[name] === null ? null : whole(settings[name], `bunker.settings.${name}`));
  return {
    id: hex(row["id"], "bunker.id", 64),
    name: line(row["name"], "bunker.name", MAX_NAME),
    userPubkey: pubkey(row["userPubkey"], "bunker.userPubkey") as UserPubkey,
    createdAt: instant(row["createdAt"], "bunker.createdAt"),
    outboundRelays: listOf(row["outboundRelays"], "bunker.outboundRelays", urlIn),
    fourEyes: flag(row["fourEyes"], "bunker.fourEyes"),
    settings: {
      votes: oneOf(settings["votes"], "bunker.settings.votes", ["link", "signed-in", "passkey"]),
      mailShows: oneOf(settings["mailShows"], "bunker.settings.mailShows", ["text", "kind"]),
      suspendAfterDenials: count("suspendAfterDenials"),
      suspendOnNewKind: flag(settings["suspendOnNewKind"], "bunker.settings.suspendOnNewKind"),
      suspendAfterUsedUpLimits: count("suspendAfterUsedUpLimits"),
    },
  };
}

function remoteSignerIn(value: unknown, path: string): Backup["remoteSigners"][number] {
  const row = fields(value, path, "pubkey signerId");
  return {
    pubkey: pubkey(row["pubkey"], `${path}.pubkey`) as RemoteSignerPubkey,
    signerId: hex(row["signerId"], `${path}.signerId`, 32),
  };
}

function connectionIn(value: unknown, path: string): BackupConnection {
  const names =
    "id remoteSigner client inviteId name policy state nip04 interactive relays clientRelays switchedAt metadata requestedPermissions createdAt createdBy lastUsedAt expiresAt idleExpiresInSeconds";
  const row = fields(value, path, names);
  const at = (name: string) => `${path}.${name}`;
  const moment = (name: string) => (row[name] === null ? null : millis(row[name], at(name)));
  const metadata = row["metadata"];
  if (metadata !== null && !isJsonObject(metadata)) throw expected(at("metadata"), "an object or null");
  return {
    id: hex(row["id"], at("id"), 32),
    remoteSigner: pubkey(row["remoteSigner"], at("remoteSigner")) as RemoteSignerPubkey,
    client: pubkey(row["client"], at("client")) as ClientPubkey,
    inviteId: row["inviteId"] === null ? null : line(row["inviteId"], at("inviteId"), MAX_URL),
    name: line(row["name"], at("name"), MAX_NAME),
    policy: line(row["policy"], at("policy"), MAX_NAME),
    state: oneOf(row["state"], at("state"), ["active", "suspended", "revoked", "waiting"]),
    nip04: flag(row["nip04"], at("nip04")),
    interactive: flag(row["interactive"], at("interactive")),
    relays: oneOf(row["relays"], at("relays"), ["embedded", "all", "outbound"]),
    clientRelays: listOf(row["clientRelays"], at("clientRelays"), urlIn),
    switchedAt: moment("switchedAt"),
    metadata: metadata === null ? null : (cleanMetadata(metadata) ?? null),
    requestedPermissions: listOf(row["requestedPermissions"], at("requestedPermissions"), (item, where) => text(item, where, MAX_URL)),
    createdAt: millis(row["createdAt"], at("createdAt")),
    createdBy: line(row["createdBy"], at("createdBy"), MAX_URL),
    lastUsedAt: millis(row["lastUsedAt"], at("lastUsedAt")),
    expiresAt: moment("expiresAt"),
    idleExpiresInSeconds: whole(row["idleExpiresInSeconds"], at("idleExpiresInSeconds"), MAX_IDLE_SECONDS),
  };
}

function policyIn(value: unknown, path: string): BackupPolicy {
  const row = fields(value, path, "name version document publishedAt publishedBy");
  const document = text(row["document"], `${path}.document`, MAX_DOCUMENT);
  const parsed = parseJson(document);
  const name = line(row["name"], `${path}.name`, MAX_NAME);
  // "null" ends a policy that was deleted.
  if (parsed !== null && !(isJsonObject(parsed) && parsed["name"] === name)) throw expected(`${path}.document`, "the JSON of that policy");
  return {
    name,
    version: whole(row["version"], `${path}.version`, MAX_VERSION),
    document,
    publishedAt: millis(row["publishedAt"], `${path}.publishedAt`),
    publishedBy: line(row["publishedBy"], `${path}.publishedBy`, MAX_URL),
  };
}

function memberIn(value: unknown, path: string): Backup["members"][number] {
  const row = fields(value, path, "email role");
  return { email: line(row["email"], `${path}.email`, MAX_URL), role: oneOf(row["role"], `${path}.role`, ROLES) };
}

function nicknameIn(value: unknown, path: string): BackupNickname {
  const row = fields(value, path, "pubkey name givenAt givenBy");
  return {
    pubkey: pubkey(row["pubkey"], `${path}.pubkey`),
    name: line(row["name"], `${path}.name`, MAX_NAME),
    givenAt: millis(row["givenAt"], `${path}.givenAt`),
    givenBy: line(row["givenBy"], `${path}.givenBy`, MAX_URL),
  };
}

function headIn(value: unknown): Backup["activity"] {
  const row = fields(value, "activity", "epoch seq head");
  const epoch = whole(row["epoch"], "activity.epoch");
  if (epoch > MAX_EPOCH) throw expected("activity.epoch", `a whole number up to ${MAX_EPOCH}`);
  return {
    epoch,
    seq: whole(row["seq"], "activity.seq"),
    head: hex(row["head"], "activity.head", 64),
  };
}

function urlIn(value: unknown, path: string): string {
  return line(value, path, MAX_URL);
}

function pubkey(value: unknown, path: string) {
  const parsed = parsePubkey(value);
  if (parsed === undefined) throw expected(path, "a public key, 64 lower-case hex digits");
  return parsed;
}

function hex(value: unknown, path: string, digits: 32 | 64): string {
  const fits = digits === 64 ? isHex64(value) : typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
  if (!fits) throw expected(path, `${digits} lower-case hex digits`);
  return value as string;
}
