// Keeps the instance told where this bunker's history stands: after each act that loosens or tightens, and daily while anything happens.
// Whoever sets the database back, or writes the chain anew, is then found by what the instance remembers, and the bunker locks itself.

import { logError } from "../../src/log.ts";
import { historyProblem, type HistoryMark, type HistoryProblem } from "../../src/signer/history.ts";
import type { ActivityDraft, ActivityEntry } from "../../src/signer/activity.ts";
import type { AboutMark, HeldMark } from "../instance-rpc.ts";
import type { Job } from "./alarm-clock.ts";
import type { BunkerStore } from "./store.ts";

/** The instance, as far as it remembers. */
export interface HistoryWitness {
  /** Null when it knows nothing of this bunker yet. */
  heldMark(): Promise<HeldMark | "tampered" | null>;
  /** False when it knows a newer one, unless an owner has accepted what is there. */
  noteMark(mark: HistoryMark, about: AboutMark): Promise<boolean>;
}

/** After a call that failed. */
const AGAIN_AFTER_MS = 30_000;
const DAY_MS = 86_400_000;
/** Names of small counters in the table `marks`. */
const DUE = "mark-due";
const TOLD = "mark-told";
const TOLD_AT = "mark-told-at";
const COMPARED_AT = "rows-compared-at";

/** What is told at once: everything that people and machines did here, and every app that came in. Requests are told once a day. */
export function isMarked({ actor, method, effect }: ActivityDraft): boolean {
  return actor === "app" ? method === "connect" && effect !== "deny" : method.includes(".");
}

export interface HistoryKeeperOptions {
  readonly sql: SqlStorage;
  readonly store: BunkerStore;
  readonly witness: HistoryWitness;
  readonly onProblem: (problem: HistoryProblem) => void;
  readonly wakeBy: (at: number) => void;
}

export class HistoryKeeper {
  readonly #sql: SqlStorage;
  readonly #store: BunkerStore;
  readonly #witness: HistoryWitness;
  readonly #onProblem: (problem: HistoryProblem) => void;
  readonly #wakeBy: (at: number) => void;
  #notBefore = 0;
  /** Once is enough: after that an owner has to look. */
  #isFound = false;

  constructor(options: HistoryKeeperOptions) {
    this.#sql = options.sql;
    this.#store = options.store;
    this.#witness = options.witness;
    this.#onProblem = options.onProblem;
    this.#wakeBy = options.wakeBy;
    options.store.activity.onAppend((entry) => this.#written(entry));
  }

  /** Where the history stands now. */
  mark(): HistoryMark {
    const { seq, hash } = this.#store.activity.last();
    const { changes, digest } = this.#store.rows.state();
    return { epoch: this.#store.keys.epoch(), seq, head: hash, changes, rows: digest };
  }

  /** What the instance remembers otherwise; undefined when it has nothing to object. Our side is read after it has answered. */
  async compare(): Promise<{ readonly held: HeldMark | null; readonly problem: HistoryProblem | undefined }> {
    const held = await this.#witness.heldMark();
    if (held === null) return { held, problem: undefined };
    if (held === "tampered") return { held: null, problem: { finding: "forked", sentence: "what it remembered was changed from outside" } };
    return { held, problem: historyProblem({ ...this.mark(), hashAt: (seq) => this.#store.activity.hashAt(seq) }, held) };
  }

  /** Whether all rows that grant are there, each in its last form. Reads all of them. */
  rowsProblem(): HistoryProblem | undefined {
    const table = this.#store.rows.problem();
    if (table === undefined) return undefined;
    return { finding: "rolled-back", sentence: `a row of the table ${table} is missing, or an old one was put back` };
  }

  /** An owner goes on with what is there: from now on the instance knows this. */
  async accept(): Promise<void> {
    this.#isFound = false;
    await this.#tell(true);
  }

  /** For what others should see at once. Whatever fails here the alarm does again. */
  async tellNow(): Promise<void> {
    try {
      await this.#run(Date.now());
    } catch (error) {
      logError("bunker", { where: "history", error });
    }
  }

  job(): Job {
    return { name: "history", run: (now) => this.#run(now), nextDue: (now) => this.#nextDue(now) };
  }

  async #run(now: number): Promise<void> {
    const due = this.#nextDue(now);
    if (due === undefined || due > now) return;
    this.#notBefore = now + AGAIN_AFTER_MS;
    const { problem } = await this.compare();
    const found = problem ?? (this.#isTimeForRows(now) ? this.rowsProblem() : undefined);
    if (found !== undefined) {
      this.#isFound = true;
      return this.#onProblem(found);
    }
    await this.#tell(false);
    this.#notBefore = 0;
  }

  #isTimeForRows(now: number): boolean {
    if (now - this.#get(COMPARED_AT) < DAY_MS) return false;
    this.#set(COMPARED_AT, now);
    return true;
  }

  // Inside the transaction that writes the entry: whatever happens afterwards, it is told.
  #written(entry: ActivityEntry): void {
    if (!isMarked(entry)) return;
    this.#set(DUE, entry.seq);
    this.#wakeBy(Date.now());
  }

  async #tell(accepted: boolean): Promise<void> {
    const mark = this.mark();
    const endsAt = this.#store.deletion.find()?.effectiveAt ?? null;
    // Refused only where two lives of this object overlap for a moment: the newer one tells what it knows.
    if (!(await this.#witness.noteMark(mark, { accepted, endsAt }))) return;
    // What was written meanwhile is told by the next alarm.
    if (this.#get(DUE) <= mark.seq) this.#set(DUE, 0);
    this.#set(TOLD, mark.seq);
    this.#set(TOLD_AT, Date.now());
  }

  #nextDue(now: number): number | undefined {
    if (this.#isFound) return undefined;
    if (this.#get(DUE) > 0) return Math.max(now, this.#notBefore);
    if (this.#get(TOLD) === this.#store.activity.last().seq) return undefined;
    return Math.max(this.#get(TOLD_AT) + DAY_MS, this.#notBefore);
  }

  #get(name: string): number {
    return this.#sql.exec<{ value: number }>("SELECT value FROM marks WHERE name = ?", name).toArray()[0]?.value ?? 0;
  }

  #set(name: string, value: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", name, value);
  }
}
