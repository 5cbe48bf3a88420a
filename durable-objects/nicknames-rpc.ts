// Names that members of a team gave to public keys, so that people know who a request is about. Never from the network or an app.

import type { Principal } from "../src/people/principal.ts";
import type { Result } from "../src/result.ts";
import type { Page } from "./bunker-rpc.ts";

export interface NicknameView {
  /** Hex. */
  readonly pubkey: string;
  readonly npub: string;
  readonly name: string;
  readonly givenAt: string;
  /** The address of the member. */
  readonly givenBy: string;
}

export interface NicknamesRpc {
  /** All of them, by name. */
  listNicknames(principal: Principal): Promise<Result<Page<NicknameView>>>;
  /** In the place of the one that the key had. */
  giveNickname(principal: Principal, pubkey: string, name: string): Promise<Result<NicknameView>>;
  dropNickname(principal: Principal, pubkey: string): Promise<Result<null>>;
}
