// Expected refusals travel as values: a thrown RPC error would also be logged as an uncaught exception by the runtime.

/** Codes of the API's error shape. Each maps to one HTTP status in src/routes/api/errors.ts. */
export type RefusalCode =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "person-required"
  | "step-up-required"
  | "passkey-required"
  | "not-found"
  | "conflict"
  | "denied"
  | "locked"
  | "rate-limited"
  | "unavailable";

export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence for the caller: what was expected. Nothing secret. */
  readonly message: string;
  /** Where it is a matter of roles: whose it is, and which would do. For pages, which name people. */
  readonly roles?: RolesRefused;
}

export interface RolesRefused {
  readonly is: string;
  readonly needs: readonly string[];
}

export type Result<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal };

export function ok<Value>(value: Value): Result<Value> {
  return { ok: true, value };
}

export function refuse(code: RefusalCode, message: string, roles?: RolesRefused): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { code, message, ...(roles !== undefined && { roles }) } };
}
