// How a person wants to see things: the theme, the time zone of what is told to them, and which mails about requests they get.

export const THEMES = ["light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** Which mails about requests that wait for people: one for each, several in one, or none. Mails about safety come always. */
export const REQUEST_MAILS = ["each", "digest", "none"] as const;
export type RequestMails = (typeof REQUEST_MAILS)[number];

/** What whoever writes to a person must know of their wishes. */
export interface Wishes {
  /** IANA, "Europe/Berlin"; null: none was chosen, and mails say UTC. */
  readonly zone: string | null;
  readonly requestMails: RequestMails;
}

export const NO_WISHES: Wishes = { zone: null, requestMails: "each" };

export interface Preferences extends Wishes {
  /** Null: as the system says. */
  readonly theme: Theme | null;
  /** Whether Home leads through the first ten minutes, on whatever device. */
  readonly firstSteps: "shown" | "hidden";
}

/** Every zone that the runtime knows, UTC first. */
export function timeZones(): readonly string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}

export function isTimeZone(zone: string): boolean {
  return timeZones().includes(zone);
}
