// API tokens: who made which, and the principal that the text of one stands for.

import { logError, logInfo } from "../../src/log.ts";
import type { Principal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { Page } from "../bunker-rpc.ts";
import type { CreateToken, TokenView } from "../instance-rpc.ts";
import type { InstanceContext } from "./context.ts";
import { PAGE } from "./manage-bunkers.ts";
import { MAX_TOKENS, type Token } from "./tokens.ts";

/** Null for whatever is not a token of ours that is valid now. */
export function authenticateToken({ tokens }: InstanceContext, text: string, claimed: boolean): Principal | null {
  const now = Date.now();
  try {
    const token = tokens.find(text, now);
    if (token === undefined) return null;
    tokens.noteUse(token, now);
    const { id: tokenId, name, scopes, bunkerId, policies } = token;
    return { kind: "machine", credential: "api-token", tokenId, name, scopes, bunkerId, policies, claimed };
  } catch (error) {
    // A row that was not written by us grants nothing; the throw is a bug's or an intruder's trace in the log.
    logError("instance", { where: "token", error });
    return null;
  }
}

export function createToken(
  { tokens, index, alarm }: InstanceContext,
  input: CreateToken,
  actor: string,
): Result<TokenView & { token: string }> {
  const now = Date.now();
  if (input.bunker !== "all" && index.list("", 1, { only: input.bunker }).length === 0) {
    return refuse("invalid", 'bunker: expected the id of a bunker of this instance, or "all"');
  }
  tokens.prune(now);
  if (tokens.count() >= MAX_TOKENS) return refuse("conflict", `an instance has at most ${MAX_TOKENS} API tokens: revoke some first`);
  const { token, text } = tokens.create(input, actor, now);
  alarm.armBy(token.expiresAt);
  logInfo("token created", { actor, tokenId: token.id });
  return ok({ ...tokenView(token), token: text });
}

export function listTokens({ tokens }: InstanceContext, cursor: string): Page<TokenView> {
  const rows = tokens.list(cursor, PAGE + 1);
  const items = rows.slice(0, PAGE).map(tokenView);
  return { items, next: rows.length > PAGE ? (items.at(-1)?.id ?? null) : null };
}

export function revokeToken({ tokens }: InstanceContext, id: string, actor: string): Result<null> {
  if (!tokens.revoke(id)) return refuse("not-found", "no API token has that id");
  logInfo("token revoked", { actor, tokenId: id });
  return ok(null);
}

function tokenView(token: Token): TokenView {
  const { id, name, scopes, bunkerId, policies, createdAt, expiresAt, lastUsedAt } = token;
  return {
    id,
    name,
    scopes,
    bunker: bunkerId,
    policies,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    lastUsedAt: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
  };
}
