// A point in time in words that stay right when the mail is read hours later: date, time and zone.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "23 Nov 2026, 12:30 (Berlin, UTC+1)"; an unknown zone counts as UTC. `at` in milliseconds. */
export function momentInWords(at: number, zone = "UTC"): string {
  const offset = offsetMinutes(at, zone);
  const local = new Date(at + (offset ?? 0) * 60_000);
  const date = `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()] ?? ""} ${local.getUTCFullYear()}`;
  const time = `${twoDigits(local.getUTCHours())}:${twoDigits(local.getUTCMinutes())}`;
  const place = offset === undefined || /^(?:Etc\/)?UTC$/i.test(zone) ? "UTC" : `${cityOf(zone)}, ${offsetInWords(offset)}`;
  return `${date}, ${time} (${place})`;
}

/** "15 minutes", "72 hours": whole units, rounded down, because a promise that ends early is kept. */
export function durationInWords(milliseconds: number): string {
  const minutes = Math.max(1, Math.floor(milliseconds / 60_000));
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  return `${Math.floor(minutes / 60)} hours`;
}

/** What a zone's clock is ahead of UTC, in minutes; undefined for a zone that nobody knows. */
export function offsetMinutes(at: number, zone: string): number | undefined {
  let parts: Intl.DateTimeFormatPart[];
  try {
    const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...numeric }).formatToParts(at);
  } catch {
    return undefined;
  }
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  return Math.round((local - Math.floor(at / 60_000) * 60_000) / 60_000);
}

function offsetInWords(minutes: number): string {
  const rest = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `UTC${minutes < 0 ? "-" : "+"}${hours}${rest === 0 ? "" : `:${twoDigits(rest)}`}`;
}

function cityOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
