// What the routes share: the app's types, and typed ways to its Durable Objects. Ids are checked before any object is addressed.

import type { AccountRpc } from "../../durable-objects/account-rpc.ts";
import type { BunkerRpc, BunkerUpkeep } from "../../durable-objects/bunker-rpc.ts";
import type { ConsoleRpc } from "../../durable-objects/console-rpc.ts";
import type { InsightRpc } from "../../durable-objects/insight-rpc.ts";
import type { NicknamesRpc } from "../../durable-objects/nicknames-rpc.ts";
import type { PublishingRpc } from "../../durable-objects/publishing-rpc.ts";
import type { InstanceRpc, InstanceState } from "../../durable-objects/instance-rpc.ts";
import type { Env } from "../env.ts";
import type { Principal } from "../people/principal.ts";
import { RefusedError } from "./errors.ts";

export interface AppEnv {
  Bindings: Env;
  Variables: { requestId: string; runsScript?: boolean; usesCamera?: boolean; isSecretAddress?: boolean };
}

/** Behind `allow`: somebody is there. */
export interface ApiEnv {
  Bindings: Env;
  Variables: { requestId: string; runsScript?: boolean; principal: Principal; instance: InstanceState };
}

export type BunkerStub = BunkerRpc & ConsoleRpc & InsightRpc & PublishingRpc & NicknamesRpc & BunkerUpkeep & Pick<Fetcher, "fetch">;

/** The one instance object. */
export function instanceOf(env: Env): InstanceRpc {
  return env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
}

/** The account of an id that a cookie or a link carries; undefined for ids that the runtime never made. */
export function findAccount(env: Env, id: string): AccountRpc | undefined {
  if (!OBJECT_ID.test(id)) return undefined;
  try {
    return env.ACCOUNT.get(env.ACCOUNT.idFromString(id));
  } catch {
    return undefined;
  }
}

const OBJECT_ID = /^[0-9a-f]{64}$/;

/** The bunker of an id, or a 404: only ids that the runtime itself once made are taken, in lower case alone. */
export function bunkerOf(env: Env, id: string): BunkerStub {
  const stub = findBunker(env, id);
  if (stub === undefined) throw new RefusedError("not-found", "no bunker has that id");
  return stub;
}

export function findBunker(env: Env, id: string): BunkerStub | undefined {
  if (!OBJECT_ID.test(id)) return undefined;
  try {
    return env.BUNKER.get(env.BUNKER.idFromString(id));
  } catch {
    return undefined;
  }
}
