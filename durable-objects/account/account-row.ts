// The account's own row: its address, and its seed under the root secret.

import { randomBytes } from "@noble/hashes/utils.js";
import { accountKeys, openAccountSeed, sealAccountSeed, type AccountKeys } from "../../src/sealing/account-seed.ts";
import { equalBytes, KEY_BYTES } from "../../src/sealing/derive.ts";
import type { RootSecret, Roots } from "../../src/sealing/root-secret.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { rootIdOf } from "../../src/sealing/under-root.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import type { Preferences, RequestMails, Theme } from "../../src/people/preferences.ts";

export interface AccountRow {
  readonly email: EmailAddress;
  /** Where the person found us last: mails that wait are sent from there. */
  readonly publicUrl: string | null;
  /** As the person wishes; null: as the system says. */
  readonly theme: Theme | null;
  /** IANA, "Europe/Berlin"; null: UTC in mails, the browser's own on pages. */
  readonly zone: string | null;
  readonly requestMails: RequestMails;
  readonly firstSteps: Preferences["firstSteps"];
}

export class AccountTable {
  readonly #sql: SqlStorage;
  readonly #accountId: string;

  constructor(sql: SqlStorage, accountId: string) {
    this.#sql = sql;
    this.#accountId = accountId;
  }

  begin(email: EmailAddress, root: RootSecret, now: number): void {
    const seed = randomBytes(KEY_BYTES);
    try {
      const sealed = sealAccountSeed(seed, this.#accountId, root, randomBytes);
      this.#sql.exec("INSERT INTO account (only_row, email, created_at, sealed_seed) VALUES (1, ?, ?, ?)", email, now, sealed);
    } finally {
      seed.fill(0);
    }
  }

  read(): AccountRow {
    const row = this.#sql
      .exec<{
        email: string;
        public_url: string | null;
        theme: Theme | null;
        zone: string | null;
        request_mails: RequestMails;
        first_steps: Preferences["firstSteps"];
      }>("SELECT email, public_url, theme, zone, request_mails, first_steps FROM account")
      .one();
    const { public_url: publicUrl, theme, zone, request_mails: requestMails, first_steps: firstSteps } = row;
    return { email: row.email as EmailAddress, publicUrl, theme, zone, requestMails, firstSteps };
  }

  setPublicUrl(url: string): void {
    this.#sql.exec("UPDATE account SET public_url = ? WHERE public_url IS NOT ?", url, url);
  }

  setPreferences({ theme, zone, requestMails, firstSteps }: Preferences): void {
    const query = "UPDATE account SET theme = ?, zone = ?, request_mails = ?, first_steps = ?";
    this.#sql.exec(query, theme, zone, requestMails, firstSteps);
  }

  /** Seals the seed under the present root, where it rests under another; the old record goes when the new one was opened. */
  reseal(root: RootSecret, roots: Roots): void {
    const record = this.#sealedSeed();
    if (rootIdOf(record) === root.id) return;
    const seed = openAccountSeed(record, this.#accountId, roots);
    try {
      const made = sealAccountSeed(seed, this.#accountId, root, randomBytes);
      const again = openAccountSeed(made, this.#accountId, root);
      const isSame = equalBytes(seed, again);
      again.fill(0);
      if (!isSame) throw new SealError("refused", "expected the seed of this account, got another one");
      this.#sql.exec("UPDATE account SET sealed_seed = ?", made);
    } finally {
      seed.fill(0);
    }
  }

  openKeys(roots: Roots): AccountKeys {
    const seed = openAccountSeed(this.#sealedSeed(), this.#accountId, roots);
    try {
      return accountKeys(seed);
    } finally {
      seed.fill(0);
    }
  }

  #sealedSeed(): Uint8Array {
    return new Uint8Array(this.#sql.exec<{ sealed_seed: ArrayBuffer }>("SELECT sealed_seed FROM account").one().sealed_seed);
  }
}
