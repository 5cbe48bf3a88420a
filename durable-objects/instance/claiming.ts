// Claiming: whoever has the code that comes from the setup token becomes owner of this instance, once.

import { isLoopback, publicUrl, type Env } from "../../src/env.ts";
import { logInfo } from "../../src/log.ts";
import { waitInWords, type AttemptsLeft } from "../../src/people/attempts.ts";
import { isClaimCode } from "../../src/people/claim-code.ts";
import { isUsableSetupToken } from "../../src/people/setup-token.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { ClaimInstance } from "../instance-rpc.ts";
import { ensureAccount } from "./context.ts";
import type { InstanceDoor } from "./door.ts";
import { takeAttempt } from "./signing-in.ts";

/** Wrong claim codes within a quarter of an hour, of everybody together, while there is no table yet to count them in. */
const EARLY_CLAIMS = { max: 50, windowMs: 15 * 60_000 };

export class Claiming {
  readonly #door: InstanceDoor;
  readonly #env: Env;
  #earlyWrongClaims: readonly number[] = [];

  constructor(door: InstanceDoor, env: Env) {
    this.#door = door;
    this.#env = env;
  }

  async claim(input: ClaimInstance): Promise<Result<{ accountId: string; sessionSecret: string }>> {
    const ready = this.#door.ready();
    if (!ready.ok) return ready;
    if (this.#door.state().claimed) return refuse("conflict", "somebody has claimed this already");
    const counted = this.#takeAttempt(input.network);
    if (!counted.ok) return counted;
    const { SETUP_TOKEN: setupToken } = this.#env;
    if (!isUsableSetupToken(setupToken) || !isClaimCode(input.claimCode, setupToken))
      return refuse("forbidden", "that claim code does not match");
    // Whoever has the code speaks for the operator, and may be the first to ask for anything here.
    const begun = this.#door.begin();
    if (!begun.ok) return begun;
    const { table, owners, account, transaction } = begun.value;
    // The account comes first and has no rights by itself: if we end before the next step, claiming again finds everything as it was.
    const ensured = await ensureAccount(begun.value, input.email);
    if (!ensured.ok) return ensured;
    const { accountId } = ensured.value;
    const session = await account(accountId).openClaimedSession({ browser: input.browser });
    if (!session.ok) return session;
    const isFirst = transaction(() => {
      const now = Date.now();
      if (!table.claim(now)) return false;
      owners.add(accountId, "claim", now);
      const url = publicUrl(this.#env, table.read().publicUrl, input.seenAt);
      if (!isLoopback(url)) table.pinPublicUrl(url);
      return true;
    });
    if (isFirst) {
      logInfo("instance claimed", { accountId });
      return ok({ accountId, ...session.value });
    }
    await account(accountId).endThisSession(session.value.sessionSecret);
    return refuse("conflict", "somebody has claimed this already");
  }

  // A stranger's wrong code lays no table: until a principal asks for something, memory counts, for everybody together.
  #takeAttempt(network: string): Result<AttemptsLeft> {
    const { context } = this.#door;
    if (context !== undefined) return takeAttempt(context, [{ kind: "claim/network", subject: network }]);
    const now = Date.now();
    const recent = this.#earlyWrongClaims.filter((at) => at > now - EARLY_CLAIMS.windowMs);
    const [oldest = now] = recent;
    if (recent.length >= EARLY_CLAIMS.max) return refuse("rate-limited", waitInWords(oldest + EARLY_CLAIMS.windowMs - now));
    this.#earlyWrongClaims = [...recent, now];
    return ok({ left: EARLY_CLAIMS.max - recent.length - 1 });
  }
}
