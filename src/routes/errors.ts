// Everything that is refused, in one shape: { "error": { "code", "message" } }. Nothing secret in either.

import type { Refusal, RefusalCode, Result, RolesRefused } from "../result.ts";

/** Beside the refusals of the objects, what the Worker itself says. */
export type ErrorCode = RefusalCode | "malformed" | "too-large" | "method-not-allowed" | "internal";

export const STATUS = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  "person-required": 403,
  "step-up-required": 403,
  "passkey-required": 403,
  denied: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  conflict: 409,
  "too-large": 413,
  invalid: 422,
  locked: 423,
  "rate-limited": 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

export class RefusedError extends Error {
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly roles: RolesRefused | undefined;

  constructor(code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}, roles?: RolesRefused) {
    super(message);
    this.name = "RefusedError";
    this.code = code;
    this.headers = headers;
    this.roles = roles;
  }
}

/** What an object refused, on its way to the one onError. */
export function refusedBy({ code, message, roles }: Refusal): RefusedError {
  return new RefusedError(code, message, {}, roles);
}

/** The value of a result; a refusal goes on to the one onError. */
export function valueOf<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw refusedBy(result.refusal);
}

export function errorBody(refusal: Refusal | { code: ErrorCode; message: string }) {
  return { error: { code: refusal.code, message: refusal.message } };
}

export function errorResponse(error: RefusedError): Response {
  const headers: Record<string, string> = { ...error.headers };
  // RFC 9110 section 11.6.1: a 401 names the scheme.
  if (error.code === "unauthenticated") headers["WWW-Authenticate"] = 'Bearer realm="countersign"';
  if (error.code === "unavailable") headers["Retry-After"] ??= "5";
  return Response.json(errorBody(error), { status: STATUS[error.code], headers });
}
