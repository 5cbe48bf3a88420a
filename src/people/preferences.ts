// How a person wants to see things: the theme, and the time zone of what is told to them.

export const THEMES = ["light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  /** Null: as the system says. */
  readonly theme: Theme | null;
  /** IANA, "Europe/Berlin"; null: none was chosen. */
  readonly zone: string | null;
}

/** Every zone that the runtime knows, UTC first. */
export function timeZones(): readonly string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}

export function isTimeZone(zone: string): boolean {
  return timeZones().includes(zone);
}
