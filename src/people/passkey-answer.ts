// What a passkey's answer says before anything of it is proven: which passkey, whose, and which challenge it claims to answer.

import { fromBase64url } from "./challenge.ts";

/** Far above what an authenticator answers; attestation is not asked for. */
const MAX_ANSWER_CHARACTERS = 16_384;

export interface ClaimedAnswer {
  readonly passkeyId: string;
  readonly challenge: string;
  /** base64url; present where the browser found the passkey by itself. */
  readonly userHandle?: string;
}

export function readAnswer(responseJson: string): ClaimedAnswer | undefined {
  const answer: { id?: unknown; response?: { clientDataJSON?: unknown; userHandle?: unknown } } | undefined = parseAnswer(responseJson);
  const { clientDataJSON, userHandle } = answer?.response ?? {};
  if (typeof answer?.id !== "string" || typeof clientDataJSON !== "string") return undefined;
  const bytes = fromBase64url(clientDataJSON);
  const said: { challenge?: unknown } | undefined = bytes && parseAnswer(new TextDecoder().decode(bytes));
  if (typeof said?.challenge !== "string") return undefined;
  return { passkeyId: answer.id, challenge: said.challenge, ...(typeof userHandle === "string" && { userHandle }) };
}

/** An object of JSON text; undefined for anything else, and for what is far too long. */
export function parseAnswer(json: string): object | undefined {
  if (json.length > MAX_ANSWER_CHARACTERS) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
