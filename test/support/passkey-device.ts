// A passkey device in software, after WebAuthn Level 3: ES256, no attestation, and no counter, as synced passkeys have none.

import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { base64url } from "../../src/people/session.ts";

// WebAuthn section 6.1: flags of authenticator data.
const PRESENT = 0x01;
const VERIFIED = 0x04;
const WITH_KEY = 0x40;
const COUNTER = new Uint8Array(4);

export interface Ceremony {
  readonly challenge: string;
  readonly rpId: string;
  readonly origin: string;
  /** Whether a PIN or finger was given; it was when absent. */
  readonly isVerified?: boolean;
}

export class PasskeyDevice {
  readonly #secretKey = p256.utils.randomSecretKey();
  readonly #id = randomBytes(16);

  /** What `PublicKeyCredential.toJSON` gives after creating. */
  create(ceremony: Ceremony): string {
    const point = p256.getPublicKey(this.#secretKey, false);
    // RFC 9053: an EC2 key for ES256 on P-256, in CBOR.
    const coseKey = concatBytes(bytes("a5010203262001215820"), point.subarray(1, 33), bytes("225820"), point.subarray(33));
    const attested = concatBytes(new Uint8Array(16), new Uint8Array([0, this.#id.length]), this.#id, coseKey);
    const data = concatBytes(authenticatorData(ceremony, WITH_KEY), attested);
    // CBOR: { fmt: "none", attStmt: {}, authData }
    const attestation = concatBytes(
      bytes("a363666d74646e6f6e656761747453746d74a068617574684461746158"),
      new Uint8Array([data.length]),
      data,
    );
    return this.#answer({ clientDataJSON: base64url(clientData("webauthn.create", ceremony)), attestationObject: base64url(attestation) });
  }

  get(ceremony: Ceremony): string {
    const said = clientData("webauthn.get", ceremony);
    const data = authenticatorData(ceremony, 0);
    const signature = p256.sign(concatBytes(data, sha256(said)), this.#secretKey, { format: "der" });
    return this.#answer({ clientDataJSON: base64url(said), authenticatorData: base64url(data), signature: base64url(signature) });
  }

  #answer(response: Readonly<Record<string, string>>): string {
    const id = base64url(this.#id);
    return JSON.stringify({ id, rawId: id, type: "public-key", clientExtensionResults: {}, response });
  }
}

function clientData(type: string, { challenge, origin }: Ceremony): Uint8Array {
  return utf8ToBytes(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

function authenticatorData({ rpId, isVerified = true }: Ceremony, flags: number): Uint8Array {
  const all = flags | PRESENT | (isVerified ? VERIFIED : 0);
  return concatBytes(sha256(utf8ToBytes(rpId)), new Uint8Array([all]), COUNTER);
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
