// What a client says it would like to do (NIP-46 `perms`): a proposal for people to read. It grants nothing.

/** `method` or `method:param`. Only sign_event has a defined param: the kind. */
export interface Permission {
  readonly method: string;
  readonly param?: string;
}

const MAX_PERMISSIONS = 100; // the longest list that a known client builds has about 30
const MAX_ENTRY_CHARS = 80; // a method of 32, a colon and a param have room; a page of text has not
const METHOD = /^[a-z][a-z0-9_]{0,31}$/;
const PARAM = /^[A-Za-z0-9_.-]{1,40}$/;
const KIND = /^(?:0|[1-9][0-9]{0,4})$/;

function parseEntry(entry: string): Permission | undefined {
  if (entry.length > MAX_ENTRY_CHARS) return undefined;
  const colon = entry.indexOf(":");
  const method = (colon < 0 ? entry : entry.slice(0, colon)).trim();
  if (!METHOD.test(method)) return undefined;
  if (colon < 0) return { method };
  // A param that is not understood drops the whole entry: without it, the entry would ask for more than the client did.
  const param = entry.slice(colon + 1).trim();
  const understood = method === "sign_event" ? KIND.test(param) && Number(param) <= 65_535 : PARAM.test(param);
  return understood ? { method, param } : undefined;
}

/** The entries of a comma-separated list that can be read, each once, in order; the rest is dropped. Never throws. */
export function parsePermissions(text: string): Permission[] {
  const found = new Map<string, Permission>();
  for (const entry of text.split(",")) {
    const permission = parseEntry(entry.trim());
    if (permission) found.set(formatPermission(permission), permission);
    if (found.size === MAX_PERMISSIONS) break;
  }
  return [...found.values()];
}

export function formatPermission(permission: Permission): string {
  return permission.param === undefined ? permission.method : `${permission.method}:${permission.param}`;
}
