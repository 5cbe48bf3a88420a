// Who belongs to this bunker: its members, read from the table at every question, and the owners of the instance, who must be asked for
// elsewhere and so are learned before the transaction that needs them.

import type { Person } from "../../src/signer/approval.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { MemberTable } from "./members.ts";
import type { People } from "./people.ts";

/** How long a look at the owners is good for where only mails and links depend on it; a vote always takes a fresh one. */
const KNOWN_MS = 5_000;

export class Roster {
  readonly #people: People;
  readonly #members: MemberTable;
  #owners: readonly InstanceOwner[] = [];
  #learnedAt = -Infinity;

  constructor(people: People, members: MemberTable) {
    this.#people = people;
    this.#members = members;
  }

  isKnown(now: number): boolean {
    return now - this.#learnedAt < KNOWN_MS && now >= this.#learnedAt;
  }

  /** False while nobody can say who owns the instance: those known before stay, for mails alone. */
  async learn(now: number): Promise<boolean> {
    const owners = await this.#people.instanceOwners();
    this.#learnedAt = now;
    if (owners === undefined) return false;
    this.#owners = owners;
    return true;
  }

  /** Owners of the instance own every bunker, whatever their row says. */
  list(): Person[] {
    const above = this.#owners.map(({ accountId, email, hasPasskey }): Person => ({ accountId, email, role: "owner", hasPasskey }));
    const members = this.#members.list().filter(({ accountId }) => !above.some((owner) => owner.accountId === accountId));
    return [...above, ...members.map(({ accountId, email, role, hasPasskey }) => ({ accountId, email, role, hasPasskey }))];
  }

  find(accountId: string): Person | undefined {
    return this.list().find((person) => person.accountId === accountId);
  }
}
