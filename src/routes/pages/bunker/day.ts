// A day as people type it, in their own zone.

import { offsetMinutes } from "../../../notify/templates/moment.ts";

/** When the day "2026-11-26" begins there (milliseconds), `later` days on; undefined for what is no day. */
export function dayBegin(text: string, zone: string, later = 0): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const utc = Date.UTC(year, month - 1, day + later);
  const offsetAt = (at: number) => (offsetMinutes(at, zone) ?? 0) * 60_000;
  // Twice: clocks may change between the first guess and the day.
  return utc - offsetAt(utc - offsetAt(utc));
}
