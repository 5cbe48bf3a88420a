// How busy each allow rule would have been: the most requests that it matched in any minute, hour and day of what was recorded.

import type { Circumstances } from "./question.ts";
import type { Policy } from "./document.ts";
import { WINDOW_MILLISECONDS } from "./budget.ts";
import { ReplayedHistory, type RecordedRequest, type Setting } from "./dry-run.ts";
import { NO_HISTORY, NO_USAGE } from "./examples.ts";
import { matchRule } from "./match.ts";
import { createSubject } from "./subject.ts";

type Windows = Readonly<Record<keyof typeof WINDOW_MILLISECONDS, number>>;

export interface Peak {
  readonly rule: string;
  /** Counted for the whole bunker. */
  readonly bunker: Windows;
  /** Counted for each app: of the busiest one. */
  readonly connection: Windows;
}

export function peaksOf(policy: Policy, recorded: readonly RecordedRequest[], setting: Setting): Peak[] {
  const allowing = policy.rules.filter(({ document }) => document.effect === "allow");
  const times = new Map(allowing.map(({ document }) => [document.id, new Map<string, number[]>()]));
  const history = new ReplayedHistory(setting.baseline ?? NO_HISTORY);
  for (const { at: now, connection, question, performed } of recorded.toSorted((a, b) => a.at - b.at)) {
    const circumstances: Circumstances = { now, connection, usage: NO_USAGE, history, user: setting.user, ownHosts: setting.ownHosts };
    const subject = createSubject(question);
    for (const rule of allowing) {
      const match = matchRule(rule, subject, circumstances);
      if (match === undefined || "protection" in match) continue;
      const byApp = times.get(rule.document.id);
      const known = byApp?.get(connection);
      if (known === undefined) byApp?.set(connection, [now]);
      else known.push(now);
    }
    if (performed && question.method === "sign_event") history.remember(question.event, now);
  }
  return [...times].map(([rule, byApp]) => {
    const all = [...byApp.values()].flat().toSorted((a, b) => a - b);
    return { rule, bunker: windowsOf([all]), connection: windowsOf([...byApp.values()]) };
  });
}

function windowsOf(series: readonly (readonly number[])[]): Windows {
  const most = (length: number) => Math.max(0, ...series.map((times) => busiest(times, length)));
  const { minute, hour, day } = WINDOW_MILLISECONDS;
  return { minute: most(minute), hour: most(hour), day: most(day) };
}

/** The most of these moments, in order, that any window of that length holds. Open at its far end, as budgets count. */
function busiest(times: readonly number[], length: number): number {
  let [most, first] = [0, 0];
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? time) <= time - length) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
