// What a key service does for us: it makes data keys and opens them again. It never sees a user's key.

/** What the service is told and may log: opaque ids, nothing else. */
export interface KeyContext {
  readonly bunkerId: string;
}

/** Which key of the service wrapped a data key, in the service's own spelling. */
export interface KeyName {
  readonly keyId: string;
  readonly keyVersion: string;
}

/** A data key as it is stored, and which key wrapped it. */
export interface WrappedDataKey extends KeyName {
  readonly wrapped: Uint8Array;
}

export interface NewDataKey extends WrappedDataKey {
  /** 32 fresh bytes; whoever asked wipes them. */
  readonly dataKey: Uint8Array;
}

export interface KeyProvider {
  /** As records spell it: `root`, `aws-kms`, `gcp-kms`, `vault`. */
  readonly name: string;
  newDataKey(context: KeyContext): Promise<NewDataKey>;
  /** The 32 bytes that were wrapped, for the same context; a KeyServiceError otherwise, never a guess or a weaker key. */
  openDataKey(wrapped: Uint8Array, key: KeyName, context: KeyContext): Promise<Uint8Array>;
  /** The same data key under the service's present key and version. Where the service can, it does not leave the service. */
  rewrap(wrapped: Uint8Array, key: KeyName, context: KeyContext): Promise<WrappedDataKey>;
}

/**
 * - `unavailable`: not reached, or too slow. Later may be better.
 * - `denied`: the service knows us and says no.
 * - `misconfigured`: wrong key, wrong endpoint, wrong credential.
 * - `corrupt`: what we stored is not what the service once gave.
 */
export type KeyServiceProblem = "unavailable" | "denied" | "misconfigured" | "corrupt";

/** The message says what to put right, and may be shown to anybody: no content, no secret, no account or key of the operator's. */
export class KeyServiceError extends Error {
  override readonly name = "KeyServiceError";
  readonly kind: KeyServiceProblem;

  constructor(kind: KeyServiceProblem, message: string) {
    super(message);
    this.kind = kind;
  }
}
