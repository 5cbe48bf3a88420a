// What the parts of one account share, and its door: whose session a secret opens, asked anew in every call.

import { logError } from "../../src/log.ts";
import type { MailSetup } from "../../src/notify/mail-driver.ts";
import { refuse, type Result } from "../../src/result.ts";
import type { AlarmClock } from "../bunker/alarm-clock.ts";
import type { MailOutbox } from "../mail-outbox.ts";
import type { AccountTable } from "./account-row.ts";
import type { NostrKeys } from "./nostr-keys.ts";
import type { Passkeys } from "./passkeys.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { SignIns } from "./sign-ins.ts";
import type { StepUpCodes } from "./step-up-codes.ts";

export interface AccountContext {
  readonly id: string;
  readonly table: AccountTable;
  readonly sessions: Sessions;
  readonly signIns: SignIns;
  readonly stepUpCodes: StepUpCodes;
  readonly passkeys: Passkeys;
  readonly nostrKeys: NostrKeys;
  readonly outbox: MailOutbox;
  readonly alarm: AlarmClock;
  transaction<Value>(act: () => Value): Value;
  /** How mail leaves this deployment, or why it cannot. */
  mailSetup(publicUrl: string): MailSetup;
}

export class Door {
  readonly #context: () => AccountContext | undefined;

  /** Undefined where there is no account. */
  constructor(context: () => AccountContext | undefined) {
    this.#context = context;
  }

  /** A call of whoever has that session. */
  as<Value>(sessionSecret: string, act: (context: AccountContext, session: Session, now: number) => Result<Value>): Result<Value> {
    const found = this.find(sessionSecret);
    if (found === undefined) return refuse("unauthenticated", "this browser is not signed in any more");
    return (
      this.guarded(() => act(found.context, found.session, found.now)) ??
      refuse("unavailable", "something that is stored here was changed from outside, so nothing was done")
    );
  }

  find(sessionSecret: string): { context: AccountContext; session: Session; now: number } | undefined {
    const now = Date.now();
    return this.guarded((context) => {
      const session = context.sessions.find(sessionSecret, now);
      return session && { context, session, now };
    });
  }

  /** Undefined where there is no account. A row that was not written by us grants nothing; the throw is a bug's or an intruder's trace in the log. */
  guarded<Value>(look: (context: AccountContext) => Value): Value | undefined {
    const context = this.#context();
    if (context === undefined) return undefined;
    try {
      return look(context);
    } catch (error) {
      logError("account", { where: "row", error });
      return undefined;
    }
  }
}

export function isSteppedUp({ stepUp }: Session, now: number): boolean {
  return stepUp !== null && stepUp.until > now;
}
