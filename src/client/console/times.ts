// Moments as people count them, "4 minutes ago", with the absolute one in the reader's zone on hover and focus.

const TICK_MS = 30_000;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

const zone = document.querySelector('meta[name="time-zone"]')?.getAttribute("content") ?? undefined;
const absolute = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  ...(zone !== undefined && { timeZone: zone }),
});
const zoneName = (zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone).split("/").at(-1)?.replaceAll("_", " ") ?? "";
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });

export function enlivenTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const at = Date.parse(time.dateTime);
    time.dataset["absolute"] = `${absolute.format(at)} (${zoneName})`;
    time.classList.add("tip");
    time.tabIndex = 0;
    time.textContent = relativeWords(at);
  }
}

export function relativeWords(at: number): string {
  const seconds = Math.round((at - Date.now()) / 1000);
  const size = Math.abs(seconds);
  if (size < MINUTE) return seconds > 0 ? "in under a minute" : "just now";
  if (size < HOUR) return relative.format(Math.trunc(seconds / MINUTE), "minute");
  if (size < DAY) return relative.format(Math.trunc(seconds / HOUR), "hour");
  if (size < 30 * DAY) return relative.format(Math.trunc(seconds / DAY), "day");
  return absolute.format(at).split(",")[0] ?? "";
}

setInterval(() => enlivenTimes(document), TICK_MS);
