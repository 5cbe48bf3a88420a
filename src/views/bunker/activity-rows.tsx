// Entries of the activity as a list: when, who, what became of it, and why.

import type { ActivityRow } from "../../../durable-objects/insight-rpc.ts";
import type { Outcome } from "../../signer/outcome.ts";
import { Pill, type Status } from "../parts/pill.tsx";
import { Table, type Column } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { headlineOf } from "./headline.ts";

export interface ActivityRowsProps {
  readonly bunkerId: string;
  readonly rows: readonly ActivityRow[];
  /** What is said when there are none. */
  readonly empty: string;
  readonly withoutApp?: boolean;
}

export function ActivityRows({ bunkerId, rows, empty, withoutApp }: ActivityRowsProps) {
  if (rows.length === 0) return <p class="hint">{empty}</p>;
  const columns: Column<ActivityRow>[] = [
    { title: "Time", onTop: true, cell: ({ at }) => <Time at={at} /> },
    {
      title: "What",
      heads: true,
      cell: (row) => (
        <>
          <a class="cover" href={`/b/${bunkerId}/activity/${row.seq}`}>
            {headlineOf(row)}
          </a>
          <p class="meta phone">{[withoutApp === true ? "" : whoOf(row), rulesOf(row)].filter((words) => words !== "").join(" · ")}</p>
        </>
      ),
    },
    ...(withoutApp === true ? [] : [{ title: "Who", cell: whoOf, isWide: true as const }]),
    { title: "Outcome", onTop: true, cell: ({ outcome }) => <OutcomePill outcome={outcome} /> },
    { title: "Rule", isWide: true, cell: rulesOf },
  ];
  return <Table caption="Activity" columns={columns} rows={rows} keyOf={({ seq }) => String(seq)} />;
}

/** As policies call them: what no rule speaks of falls to the default. */
function rulesOf({ rules }: ActivityRow): string {
  return rules.map((rule) => (rule === "default" ? "everything else" : rule)).join(", ");
}

export function OutcomePill({ outcome }: { outcome: Outcome }) {
  if (outcome === "done") return <span class="meta">Done</span>;
  return <Pill status={outcome satisfies Status} />;
}

export function whoOf({ app, actor }: Pick<ActivityRow, "app" | "actor">): string {
  switch (actor.kind) {
    case "app":
      return app?.name ?? "an app that is not connected";
    case "person":
      return actor.email ?? "somebody who is no member any more";
    case "token":
      return actor.name ?? "an API token";
    case "operator":
      return "the operator";
    case "countersign":
      return "Countersign";
  }
}
