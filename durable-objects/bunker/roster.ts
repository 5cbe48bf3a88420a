// Who belongs to this bunker: its members, read from the table at every question, and the owners of the instance, who must be asked for
// elsewhere and so are learned before the transaction that needs them.

import { NO_WISHES, type Wishes } from "../../src/people/preferences.ts";
import type { Person } from "../../src/signer/approval.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { MemberTable } from "./members.ts";
import type { People } from "./people.ts";

/** How long a look at the owners is good for where only mails and links depend on it; a vote always takes a fresh one. */
const KNOWN_MS = 5_000;

/** And for what they wish of mails. */
const WISHES_KNOWN_MS = 60_000;

/** Somebody of this bunker as whoever writes to them. */
export interface Reader extends Person, Wishes {}

export class Roster {
  readonly #people: People;
  readonly #members: MemberTable;
  #owners: readonly InstanceOwner[] = [];
  #learnedAt = -Infinity;
  #wishes: ReadonlyMap<string, Wishes> = new Map();
  #wishesLearnedAt = -Infinity;

  constructor(people: People, members: MemberTable) {
    this.#people = people;
    this.#members = members;
  }

  isKnown(now: number): boolean {
    return now - this.#learnedAt < KNOWN_MS && now >= this.#learnedAt;
  }

  /** False while nobody can say who owns the instance: those known before stay, for mails alone. */
  async learn(now: number): Promise<boolean> {
    const [owners] = await Promise.all([this.#people.instanceOwners(), this.#learnWishes(now)]);
    this.#learnedAt = now;
    if (owners === undefined) return false;
    this.#owners = owners;
    return true;
  }

  /** Owners of the instance own every bunker, whatever their row says. */
  list(): Reader[] {
    const above = this.#owners.map((owner): Reader => ({ ...owner, role: "owner" }));
    const members = this.#members.list().filter(({ accountId }) => !above.some((owner) => owner.accountId === accountId));
    const below = members.map(({ accountId, email, role, hasPasskey }): Reader => {
      const { zone, requestMails } = this.#wishes.get(accountId) ?? NO_WISHES;
      return { accountId, email, role, hasPasskey, zone, requestMails };
    });
    return [...above, ...below];
  }

  find(accountId: string): Reader | undefined {
    return this.list().find((person) => person.accountId === accountId);
  }

  /** Whoever does not answer keeps the wishes that were known before. */
  async #learnWishes(now: number): Promise<void> {
    const accountIds = this.#members.list().map(({ accountId }) => accountId);
    const isFresh = now - this.#wishesLearnedAt < WISHES_KNOWN_MS && now >= this.#wishesLearnedAt;
    if (isFresh && accountIds.every((accountId) => this.#wishes.has(accountId))) return;
    const learned = await this.#people.wishes(accountIds);
    const known = new Map([...this.#wishes, ...learned]);
    this.#wishes = new Map(accountIds.flatMap((accountId) => [[accountId, known.get(accountId) ?? NO_WISHES] as const]));
    this.#wishesLearnedAt = now;
  }
}
