// The Instance's RPC surface as plain data. Times are ISO 8601 strings at this border; refusals come back as values.

import type { Principal, Scope } from "../src/people/principal.ts";
import type { Result } from "../src/result.ts";
import type { Page } from "./bunker-rpc.ts";

/** What the Worker needs to know before it serves anything. */
export interface InstanceState {
  readonly claimed: boolean;
  readonly locked: boolean;
  /** "other": this instance was begun under another root secret. */
  readonly rootSecret: "fits" | "other" | "unknown";
  /** The address that was pinned; null while there is none. */
  readonly publicUrl: string | null;
}

export interface InstanceView {
  readonly claimed: boolean;
  readonly locked: boolean;
  readonly lockedAt: string | null;
  readonly publicUrl: string | null;
  readonly bunkers: number;
  /** How many bunkers know of the present lock state already. */
  readonly progress: { readonly done: number; readonly total: number };
}

export interface ListedBunker {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly npub: string;
  readonly createdAt: string;
}

export interface CreateToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** A bunker's id, or "all". */
  readonly bunker: string;
  readonly policies: readonly string[];
  readonly expiresInSeconds: number;
}

export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly bunker: string;
  readonly policies: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string;
  /** To the hour. */
  readonly lastUsedAt: string | null;
}

export interface InstanceRpc {
  /** Costs a read; writes nothing. */
  state(): Promise<InstanceState>;
  /** The principal of an API token that is valid now, with the state as it is; null for any other text. */
  authenticate(tokenText: string): Promise<{ principal: Principal | null; state: InstanceState }>;

  /** Notes that a bunker is about to be made, and under which address. `seenAt` is where the principal found us. */
  beginBunker(principal: Principal, seenAt: string): Promise<Result<{ id: string; publicUrl: string }>>;
  /** Notes that it is made; without this call the alarm finds out by itself. */
  finishBunker(id: string, made: { name: string; userPubkey: string }): Promise<void>;
  /** Notes that a bunker is about to be deleted. */
  beginRemoval(principal: Principal, id: string): Promise<Result<null>>;
  /** Asks the bunker whether it is still there, and keeps or drops its place in the index. */
  settleBunker(id: string): Promise<void>;
  listBunkers(principal: Principal, cursor: string): Promise<Result<Page<ListedBunker>>>;

  createToken(principal: Principal, input: CreateToken): Promise<Result<TokenView & { token: string }>>;
  listTokens(principal: Principal, cursor: string): Promise<Result<Page<TokenView>>>;
  revokeToken(principal: Principal, id: string): Promise<Result<null>>;

  view(principal: Principal): Promise<Result<InstanceView>>;
  lock(principal: Principal): Promise<Result<InstanceView>>;
  unlock(principal: Principal): Promise<Result<InstanceView>>;
}
