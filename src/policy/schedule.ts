// Weekdays and hours in a time zone. A window that passes midnight belongs to the day on which it began.

import type { Finding } from "./findings.ts";
import { WEEKDAYS, type WhenDocument } from "./schema.ts";

export interface Schedule {
  readonly days: ReadonlySet<string>;
  /** Minutes after midnight; `to` is the first minute that is outside. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  readonly format: Intl.DateTimeFormat;
}

const MINUTES_OF_A_DAY = 1440;

/** Reads a `when`; what cannot be read is reported with its path below it. */
export function compileSchedule(when: WhenDocument, report: (path: string[], message: string) => void): Schedule | undefined {
  const zone = when.zone ?? "UTC";
  const format = formatFor(zone);
  if (format === undefined) {
    report(["zone"], 'expected an IANA time zone such as "Europe/Berlin"');
    return undefined;
  }
  const [from, to] = [minutesOf(when.from ?? "00:00"), minutesOf(when.to ?? "24:00")];
  if (from === to || from === MINUTES_OF_A_DAY) {
    report(["from"], "expected a time before 24:00 and unlike `to`");
    return undefined;
  }
  return { days: new Set(when.days ?? WEEKDAYS), from, to, zone, format };
}

function formatFor(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  } catch {
    return undefined; // RangeError: no such zone
  }
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** Whether the moment (milliseconds) lies within: a trait, whatever the rule's effect. */
export function scheduleFinding(schedule: Schedule, now: number): Finding {
  const parts = new Map(schedule.format.formatToParts(now).map(({ type, value }) => [type, value]));
  const today = (parts.get("weekday") ?? "").toLowerCase();
  const minute = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
  const { days, from, to } = schedule;
  const inside =
    from < to
      ? days.has(today) && from <= minute && minute < to
      : (days.has(today) && minute >= from) || (days.has(dayBefore(today)) && minute < to);
  const clock = `${parts.get("weekday")} ${parts.get("hour")}:${parts.get("minute")} in ${schedule.zone}`;
  return { answer: inside ? "yes" : "no", fact: `it is ${clock}` };
}

function dayBefore(day: string): string {
  const index = WEEKDAYS.findIndex((one) => one === day);
  return WEEKDAYS.at(index - 1) ?? "";
}
