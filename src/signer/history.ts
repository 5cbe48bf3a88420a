// Whether a bunker's history is the one that was known elsewhere. A chain that was cut short or written anew fits itself; only somebody
// who remembers its head can tell.

/** The newest entry of a chain, and how often the bunker had been restored by then. */
export interface ChainHead {
  readonly epoch: number;
  readonly seq: number;
  /** Hex hash of the entry `seq`. */
  readonly head: string;
}

/** What the instance remembers of a bunker. */
export interface HistoryMark extends ChainHead {
  /** How often a row that grants had been written, and the digest of all of them. */
  readonly changes: number;
  readonly rows: string;
}

/** What is there now. */
export interface History extends Omit<HistoryMark, "head"> {
  /** Undefined where the entry is not there. */
  hashAt(seq: number): string | undefined;
}

export interface HistoryProblem {
  /** "broken": entries do not fit each other. "rolled-back": rows that grant are missing, or older than they were. */
  readonly finding: "broken" | "truncated" | "forked" | "rolled-back";
  readonly sentence: string;
}

/** What is wrong with a history for whoever remembers `mark`; undefined when it goes on from there. */
export function historyProblem(now: History, mark: HistoryMark): HistoryProblem | undefined {
  // A restored bunker is another history on purpose, and its first entry says so.
  if (now.epoch > mark.epoch) return undefined;
  if (now.epoch < mark.epoch) return truncated(`the bunker was restored since: its history ends before restoration ${mark.epoch}`);
  const chain = headProblem(now, mark);
  if (chain !== undefined) return chain;
  if (now.changes < mark.changes || (now.changes === mark.changes && now.rows !== mark.rows)) {
    return { finding: "rolled-back", sentence: "its apps, invites, policies, members or lock are as they were at an earlier time" };
  }
  return undefined;
}

/** The same for the chain alone. */
export function headProblem(now: Pick<History, "seq" | "hashAt">, mark: ChainHead): HistoryProblem | undefined {
  if (now.seq < mark.seq) return truncated(`there were ${mark.seq} entries, and the last one here is entry ${now.seq}`);
  if (mark.seq > 0 && now.hashAt(mark.seq) !== mark.head) {
    return { finding: "forked", sentence: `entry ${mark.seq} is another one than was there before` };
  }
  return undefined;
}

function truncated(sentence: string): HistoryProblem {
  return { finding: "truncated", sentence };
}
