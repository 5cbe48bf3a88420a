// WebAuthn's two ceremonies, as this product wants them: passkeys that a browser finds by itself, used with PIN or fingerprint.

import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { hexToBytes } from "@noble/hashes/utils.js";
import { parseAnswer } from "../../src/people/passkey-answer.ts";
import type { PasskeyAnswer, PasskeyPlace } from "../account-rpc.ts";
import type { Passkey } from "./passkeys.ts";

const OWN_NAME = "Countersign";

export interface CeremonyOptions {
  readonly optionsJson: string;
  readonly challenge: string;
}

/** The user handle is the account's id: what a passkey says of itself at sign-in finds the account without an index. */
export async function registrationOptions(
  account: { readonly id: string; readonly email: string; readonly passkeys: readonly Passkey[] },
  place: PasskeyPlace,
): Promise<CeremonyOptions> {
  const options = await generateRegistrationOptions({
    rpName: OWN_NAME,
    rpID: place.rpId,
    userID: new Uint8Array(hexToBytes(account.id)),
    userName: account.email,
    userDisplayName: account.email,
    attestationType: "none",
    excludeCredentials: account.passkeys.map(({ id, transports }) => ({ id, transports: [...transports] })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  return { optionsJson: JSON.stringify(options), challenge: options.challenge };
}

export async function stepUpOptions(passkeys: readonly Passkey[], place: PasskeyPlace): Promise<CeremonyOptions> {
  const options = await generateAuthenticationOptions({
    rpID: place.rpId,
    userVerification: "required",
    allowCredentials: passkeys.map(({ id, transports }) => ({ id, transports: [...transports] })),
  });
  return { optionsJson: JSON.stringify(options), challenge: options.challenge };
}

/** Undefined for an answer that is malformed, false, of another place or without user verification. */
export async function verifiedRegistration(input: PasskeyAnswer, challenge: string) {
  const response = parseAnswer(input.responseJson) as RegistrationResponseJSON | undefined;
  if (response === undefined) return undefined;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: input.origin,
      expectedRPID: input.rpId,
      requireUserVerification: true,
    });
    return verified ? registrationInfo.credential : undefined;
  } catch {
    // The library tells what was wrong by throwing; whoever answered falsely learns nothing.
    return undefined;
  }
}

/** The passkey's new counter, or undefined as above. */
export async function verifiedAuthentication(
  input: PasskeyAnswer,
  challenge: string,
  passkey: Passkey,
): Promise<{ newCounter: number } | undefined> {
  const response = parseAnswer(input.responseJson) as AuthenticationResponseJSON | undefined;
  if (response === undefined) return undefined;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: input.origin,
      expectedRPID: input.rpId,
      credential: { id: passkey.id, publicKey: passkey.publicKey, counter: passkey.counter, transports: [...passkey.transports] },
      requireUserVerification: true,
    });
    return verified ? { newCounter: authenticationInfo.newCounter } : undefined;
  } catch {
    return undefined;
  }
}
