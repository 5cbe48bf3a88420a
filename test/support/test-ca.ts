// A certificate authority of a test's own: X.509 certificates (RFC 5280) written out in DER and signed with node:crypto, so that TLS is
// checked for real and nothing outside the test trusts it.

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isIP } from "node:net";

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestCa {
  /** PEM of the authority itself: what a client must be told to trust. */
  readonly cert: string;
  /** A server certificate for host names and IP addresses. */
  issue(hosts: readonly string[]): TestCertificate;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const OID_ECDSA_SHA256 = oid("1.2.840.10045.4.3.2");
const OID_COMMON_NAME = oid("2.5.4.3");
const OID_BASIC_CONSTRAINTS = oid("2.5.29.19");
const OID_KEY_USAGE = oid("2.5.29.15");
const OID_EXTENDED_KEY_USAGE = oid("2.5.29.37");
const OID_SERVER_AUTH = oid("1.3.6.1.5.5.7.3.1");
const OID_ALTERNATIVE_NAMES = oid("2.5.29.17");
const OID_KEY_ID = oid("2.5.29.14");
const TRUE = der(0x01, Buffer.from([0xff]));
const CERT_SIGN = der(0x03, Buffer.from([0x02, 0x04]));

export function newTestCa(): TestCa {
  const issuer = newKeyPair();
  const name = `countersign test ${randomBytes(4).toString("hex")}`;
  const isCa = [extension(OID_BASIC_CONSTRAINTS, sequence(TRUE), true), extension(OID_KEY_USAGE, CERT_SIGN, true)];
  const cert = certificate({ subject: name, issuer: name, publicKey: issuer.publicKey, signer: issuer.privateKey, extensions: isCa });
  return {
    cert,
    issue(hosts) {
      const own = newKeyPair();
      const forServers = [
        extension(OID_EXTENDED_KEY_USAGE, sequence(OID_SERVER_AUTH), false),
        extension(OID_ALTERNATIVE_NAMES, sequence(...hosts.map(alternativeName)), false),
      ];
      const subject = hosts[0] ?? "server";
      return {
        cert: certificate({ subject, issuer: name, publicKey: own.publicKey, signer: issuer.privateKey, extensions: forServers }),
        key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

function newKeyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate(facts: CertificateFacts): string {
  const algorithm = sequence(OID_ECDSA_SHA256);
  const day = 86_400_000;
  const keyInfo = facts.publicKey.export({ type: "spki", format: "der" });
  const keyId = extension(OID_KEY_ID, der(0x04, createHash("sha1").update(keyInfo).digest()), false);
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    nameOf(facts.issuer),
    sequence(utcTime(Date.now() - day), utcTime(Date.now() + day)),
    nameOf(facts.subject),
    keyInfo,
    der(0xa3, sequence(keyId, ...facts.extensions)),
  );
  const signature = sign("sha256", toBeSigned, facts.signer);
  const whole = sequence(toBeSigned, algorithm, bitString(signature));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function alternativeName(host: string): Buffer {
  if (isIP(host) === 4) return der(0x87, Buffer.from(host.split(".").map(Number)));
  return der(0x82, Buffer.from(host, "ascii"));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(SET, sequence(OID_COMMON_NAME, der(0x0c, Buffer.from(commonName, "utf8")))));
}

function extension(id: Buffer, value: Buffer, critical: boolean): Buffer {
  return sequence(id, ...(critical ? [TRUE] : []), der(0x04, value));
}

function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`, "ascii"));
}

function bitString(bits: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bits]));
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, Buffer.concat(parts));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest.flatMap(base128)];
  return der(0x06, Buffer.from(bytes));
}

function base128(number: number): number[] {
  const groups = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}

/** Tag, length (one byte below 128, else the number of length bytes first), body. */
function der(tag: number, body: Buffer): Buffer {
  const length = body.length;
  const header = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), body]);
}
