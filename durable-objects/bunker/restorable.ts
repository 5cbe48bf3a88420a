// A backup that may become a bunker here: read, its policies compiled, its apps' keys derived once. Whoever can encrypt to a recipient can
// write such a file, so nothing of it is taken on trust.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { parseBackup, type Backup } from "../../src/backup/backup.ts";
import { parseEmail, type EmailAddress } from "../../src/notify/email-address.ts";
import type { Role } from "../../src/people/principal.ts";
import { parsePolicy } from "../../src/policy/document.ts";
import { isPresetName } from "../../src/policy/presets.ts";
import { canonicalJson } from "../../src/protocol/json.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { relayProblem } from "../../src/protocol/relay-url.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { transportSecretKey } from "../../src/sealing/derive.ts";
import { isPractice } from "./connections.ts";
import { isOfToken } from "./http-sign.ts";
import { MAX_CONNECTIONS, MAX_MEMBERS } from "./limits.ts";
import { MAX_NICKNAMES, nicknameProblem } from "./nicknames.ts";
import { DELETED } from "./policies.ts";
import type { BunkerStore } from "./store.ts";

export interface Restorable {
  readonly backup: Backup;
  /** Names this content, and tells nobody anything of it. */
  readonly digest: string;
  readonly members: readonly { readonly email: EmailAddress; readonly role: Role }[];
}

export function readRestorable(value: unknown, relays: { readonly allowInsecure: boolean }): Result<Restorable> {
  const read = parseBackup(value);
  if (!read.ok) return refuse("invalid", `this backup cannot be restored: ${read.problem}`);
  const { backup } = read;
  const members = backup.members.flatMap(({ email, role }) => {
    const parsed = parseEmail(email);
    return parsed === undefined ? [] : [{ email: parsed, role }];
  });
  const problem = problemOf(backup, members);
  if (problem !== undefined) return refuse("invalid", `this backup cannot be restored: ${problem}`);
  const digest = bytesToHex(sha256(utf8ToBytes(canonicalJson(backup))));
  return ok({ backup: withPublicRelays(backup, relays), digest, members });
}

/** Whether that bunker came out of this very backup. */
export function isRestoredFrom({ activity }: BunkerStore, { digest }: Restorable): boolean {
  const [first] = activity.list(0, 1);
  return first?.method === "bunker.restore" && first.facts["backup"] === digest;
}

function problemOf(backup: Backup, members: Restorable["members"]): string | undefined {
  if (members.length !== backup.members.length) return "one of its members has no mail address";
  if (new Set(members.map(({ email }) => email)).size !== members.length) return "one of its members stands there twice";
  if (members.length > MAX_MEMBERS) return `a bunker has at most ${MAX_MEMBERS} members`;
  if (backup.connections.length > MAX_CONNECTIONS) return `a bunker has at most ${MAX_CONNECTIONS} apps`;
  if (backup.nicknames.length > MAX_NICKNAMES) return `at most ${MAX_NICKNAMES} keys have names`;
  const unnamed = backup.nicknames.findIndex(({ name }) => nicknameProblem(name) !== undefined);
  if (unnamed !== -1) return `nicknames[${unnamed}].name: expected a name as people may give it`;
  return strayApp(backup) ?? brokenPolicy(backup);
}

/** An app that knows the bunker by a key which is not this seed's would wait for ever. */
function strayApp({ seed, remoteSigners, connections }: Backup): string | undefined {
  const seedBytes = hexToBytes(seed);
  try {
    const ids = new Map(remoteSigners.map(({ pubkey, signerId }) => [pubkey, signerId]));
    for (const [index, connection] of connections.entries()) {
      const { remoteSigner, state } = connection;
      // A token of this instance would otherwise find a connection of its own, under a policy that nobody gave it.
      if (isOfToken(connection) || isPractice(connection)) return `connections[${index}].inviteId: expected that of an app`;
      if (state === "revoked") continue;
      const signerId = ids.get(remoteSigner);
      if (signerId === undefined || derived(seedBytes, signerId) !== remoteSigner) {
        return `connections[${index}].remoteSigner: expected a key that derives from the seed`;
      }
    }
    return undefined;
  } finally {
    seedBytes.fill(0);
  }
}

function derived(seed: Uint8Array, signerId: string): string {
  const secretKey = transportSecretKey(seed, hexToBytes(signerId));
  try {
    return publicKeyOf(secretKey);
  } finally {
    secretKey.fill(0);
  }
}

/** Only what would be in force must be understood; older versions are kept as they were written. */
function brokenPolicy({ policies, connections }: Backup): string | undefined {
  const newest = new Map<string, Backup["policies"][number]>();
  for (const policy of policies) if ((newest.get(policy.name)?.version ?? -1) < policy.version) newest.set(policy.name, policy);
  for (const { name, document } of newest.values()) {
    if (document === DELETED) continue;
    const parsed = parsePolicy(JSON.parse(document));
    if (!parsed.ok) return `its policy ${name}: ${parsed.problems[0]?.path ?? ""}: ${parsed.problems[0]?.message ?? "not understood"}`;
  }
  // Whoever publishes the first version under a name loosens nothing, because no app is under it.
  const isThere = (name: string) => isPresetName(name) || (newest.get(name)?.document ?? DELETED) !== DELETED;
  const astray = connections.findIndex(({ policy, state }) => state !== "revoked" && !isThere(policy));
  return astray === -1 ? undefined : `connections[${astray}].policy: expected a policy that is in it`;
}

// What would lead into a private network is left out: a relay's address in a file is a stranger's word.
function withPublicRelays(backup: Backup, relays: { readonly allowInsecure: boolean }): Backup {
  const usable = (urls: readonly string[]) => urls.filter((url) => relayProblem(url, relays) === undefined);
  return {
    ...backup,
    bunker: { ...backup.bunker, outboundRelays: usable(backup.bunker.outboundRelays) },
    connections: backup.connections.map((connection) => ({ ...connection, clientRelays: usable(connection.clientRelays) })),
  };
}
