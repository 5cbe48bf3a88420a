// A second reading of src/sealing/FORMAT.md, written from the page with node:crypto and no code of src/: what the vectors come from.
// `node test/support/sealing-reference.ts` writes test/vectors/sealing.json anew.

import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { writeFileSync } from "node:fs";

type Value = string | number | null | Buffer;

function hkdf(ikm: Buffer, salt: Buffer, info: Buffer, length = 32): Buffer {
  return Buffer.from(hkdfSync("sha256", ikm, salt, info, length));
}

function encoded(label: string, values: readonly Value[]): Buffer {
  const parts: Buffer[] = [Buffer.from(label), Buffer.of(0)];
  for (const value of values) {
    const [type, body] = typedBody(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    parts.push(Buffer.of(type), length, body);
  }
  return Buffer.concat(parts);
}

function typedBody(value: Value): [number, Buffer] {
  if (value === null) return [0, Buffer.alloc(0)];
  if (typeof value === "string") return [1, Buffer.from(value)];
  if (Buffer.isBuffer(value)) return [3, value];
  const integer = Buffer.alloc(8);
  integer.writeBigInt64BE(BigInt(value));
  return [2, integer];
}

function words(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(at * 4));
}

// draft-irtf-cfrg-xchacha-03, section 2.2: HChaCha20, the ChaCha20 rounds without the final addition.
function hchacha20(key: Buffer, nonce16: Buffer): Buffer {
  const state = Uint32Array.from([...words(Buffer.from("expand 32-byte k")), ...words(key), ...words(nonce16)]);
  const at = (index: number): number => state[index] ?? 0;
  const step = (a: number, b: number, d: number, turn: number): void => {
    state[a] = at(a) + at(b);
    const mixed = at(d) ^ at(a);
    state[d] = (mixed << turn) | (mixed >>> (32 - turn));
  };
  const quarter = (a: number, b: number, c: number, d: number): void => {
    step(a, b, d, 16);
    step(c, d, b, 12);
    step(a, b, d, 8);
    step(c, d, b, 7);
  };
  for (let round = 0; round < 10; round++) {
    for (const column of [0, 1, 2, 3]) quarter(column, column + 4, column + 8, column + 12);
    for (const column of [0, 1, 2, 3]) quarter(column, 4 + ((column + 1) % 4), 8 + ((column + 2) % 4), 12 + ((column + 3) % 4));
  }
  const out = Buffer.alloc(32);
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((word, index) => out.writeUInt32LE(at(word), index * 4));
  return out;
}

function sealed(key: Buffer, nonce: Buffer, plaintext: Buffer, purpose: string, fields: readonly Value[]): Buffer {
  const header = Buffer.of(0xc5, 0x01);
  const subkey = hchacha20(key, nonce.subarray(0, 16));
  const shortNonce = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  const cipher = createCipheriv("chacha20-poly1305", subkey, shortNonce, { authTagLength: 16 });
  cipher.setAAD(Buffer.concat([header, encoded(purpose, fields)]), { plaintextLength: plaintext.length });
  return Buffer.concat([header, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Sample bytes that anybody can make again: SHA-256 of a name, cut or repeated to length. */
function sample(name: string, length = 32): Buffer {
  return createHash("sha256").update(`countersign sample: ${name}`).digest().subarray(0, length);
}

const NO_SALT = Buffer.alloc(0);

/** Everything in test/vectors/sealing.json. Bytes are hex; the names of the fields are those of FORMAT.md. */
export function sealingVectors(): object {
  const root = sample("root secret");
  const nextRoot = sample("next root secret");
  const under = (label: string): Buffer => hkdf(root, NO_SALT, Buffer.from(label));
  const rootIdBytes = hkdf(root, NO_SALT, Buffer.from("countersign/root-id/v1"), 8);
  const rootId = rootIdBytes.toString("hex");
  const seed = sample("bunker seed");
  const fromSeed = (label: string): string => hkdf(seed, NO_SALT, Buffer.from(label)).toString("hex");
  const inviteId = sample("invite id", 16);
  const pepper = sample("pepper");
  const bunkerId = sample("bunker id").toString("hex");
  const userPubkey = sample("user pubkey").toString("hex");
  const underRoot = (label: string, nonce: Buffer, plaintext: Buffer, fields: readonly Value[]): string =>
    Buffer.concat([rootIdBytes, sealed(under(label), nonce, plaintext, label, [rootId, ...fields])]).toString("hex");
  const row: Value[] = ["c1", 7, null, Buffer.of(0, 255), "Grüße", -1];

  return {
    about: "Written by test/support/sealing-reference.ts from src/sealing/FORMAT.md. Bytes are hex.",
    root: {
      rootSecret: root.toString("hex"),
      base64: root.toString("base64"),
      id: rootId,
      checkValue: under("countersign/root-check/v1").toString("hex"),
      nextRootSecret: nextRoot.toString("hex"),
      nextId: hkdf(nextRoot, NO_SALT, Buffer.from("countersign/root-id/v1"), 8).toString("hex"),
    },
    encoding: { label: "countersign/sample/v1", fields: row.map(plain), encoded: encoded("countersign/sample/v1", row).toString("hex") },
    fromSeed: {
      seed: seed.toString("hex"),
      inviteId: inviteId.toString("hex"),
      transportSecretKey: hkdf(seed, NO_SALT, encoded("countersign/transport-key/v1", [inviteId, 0])).toString("hex"),
      rowMacKey: fromSeed("countersign/row-mac/v1"),
      epoch: 3,
      rowMacKeyOfEpoch: hkdf(seed, NO_SALT, encoded("countersign/row-mac/v1", [3])).toString("hex"),
      inboxKey: fromSeed("countersign/inbox/v1"),
      inviteHashKey: fromSeed("countersign/invite-hash/v1"),
      familiarHashKey: fromSeed("countersign/familiar-hash/v1"),
      approvalHashKey: fromSeed("countersign/approval-hash/v1"),
      approvalLinkHashKey: fromSeed("countersign/approval-link-hash/v1"),
      mailKey: fromSeed("countersign/mail-key/v1"),
    },
    keyedHash: {
      hashKey: fromSeed("countersign/invite-hash/v1"),
      text: "Grüße",
      hash: createHmac("sha256", Buffer.from(fromSeed("countersign/invite-hash/v1"), "hex"))
        .update("Grüße")
        .digest("hex"),
    },
    seal: [0, 1, 32, 300].map((length) => sealVector(length, row)),
    bunkerSeed: {
      bunkerId,
      epoch: 3,
      nonce: sample("nonce of the seed", 24).toString("hex"),
      record: underRoot("countersign/bunker-seed/v1", sample("nonce of the seed", 24), seed, [bunkerId, 3]),
    },
    pepper: {
      pepper: pepper.toString("hex"),
      nonce: sample("nonce of the pepper", 24).toString("hex"),
      record: underRoot("countersign/pepper/v1", sample("nonce of the pepper", 24), pepper, []),
      instanceSecretKey: hkdf(pepper, NO_SALT, encoded("countersign/instance-key/v1", [0])).toString("hex"),
    },
    userKey: userKeyVector(root, rootId, bunkerId, userPubkey, underRoot),
    rowMac: {
      table: "connection",
      fields: row.map(plain),
      mac: createHmac("sha256", Buffer.from(fromSeed("countersign/row-mac/v1"), "hex"))
        .update(encoded("countersign/row/v1", ["connection", ...row]))
        .digest("hex"),
    },
  };
}

function sealVector(length: number, fields: readonly Value[]): object {
  const sealingKey = sample("sealing key");
  const nonce = sample(`nonce for ${length} bytes`, 24);
  const plaintext = Buffer.alloc(length, sample("plaintext"));
  return {
    sealingKey: sealingKey.toString("hex"),
    purpose: "countersign/sample/v1",
    fields: fields.map(plain),
    nonce: nonce.toString("hex"),
    plaintext: plaintext.toString("hex"),
    sealed: sealed(sealingKey, nonce, plaintext, "countersign/sample/v1", fields).toString("hex"),
  };
}

function userKeyVector(
  root: Buffer,
  rootId: string,
  bunkerId: string,
  userPubkey: string,
  underRoot: (label: string, nonce: Buffer, plaintext: Buffer, fields: readonly Value[]) => string,
): object {
  const label = "countersign/user-key/v1";
  const userSecretKey = sample("user secret key");
  const dataKey = sample("data key");
  const wrapNonce = sample("nonce of the data key", 24);
  const salt = sample("salt of the user key");
  const nonce = sample("nonce of the user key", 24);
  const sealingKey = hkdf(Buffer.concat([dataKey, root]), salt, encoded(label, [bunkerId, userPubkey]));
  return {
    bunkerId,
    userPubkey,
    userSecretKey: userSecretKey.toString("hex"),
    dataKey: dataKey.toString("hex"),
    wrapNonce: wrapNonce.toString("hex"),
    nonce: nonce.toString("hex"),
    record: {
      version: 1,
      provider: "root",
      keyId: rootId,
      keyVersion: "1",
      rootId,
      wrappedDataKey: underRoot("countersign/data-key-wrap/v1", wrapNonce, dataKey, [bunkerId]),
      salt: salt.toString("hex"),
      sealed: sealed(sealingKey, nonce, userSecretKey, label, [1, bunkerId, userPubkey, 1, 3]).toString("hex"),
      exportable: true,
      epoch: 3,
    },
  };
}

/** A field as JSON: bytes become `{ "hex": … }`. */
function plain(value: Value): unknown {
  return Buffer.isBuffer(value) ? { hex: value.toString("hex") } : value;
}

if (import.meta.main) {
  const target = new URL("../vectors/sealing.json", import.meta.url);
  writeFileSync(target, `${JSON.stringify(sealingVectors(), null, 2)}\n`);
}
