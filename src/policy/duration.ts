// Lengths of time as a policy spells them ("90s", "24h") and as people read them ("90 seconds", "24 hours").

const SECONDS_OF = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
type Unit = keyof typeof SECONDS_OF;

export const DURATION = /^([1-9][0-9]{0,5})([smhd])$/;

/** Seconds of a duration that the schema has accepted. Throws on anything else. */
export function durationSeconds(duration: string): number {
  const [, amount, unit] = DURATION.exec(duration) ?? [];
  if (amount === undefined || unit === undefined)
    throw new Error(`expected an integer and s, m, h or d, got ${duration.length} characters`);
  return Number(amount) * SECONDS_OF[unit as Unit];
}

/** The largest unit that leaves a whole number, and no larger than people use: "10 minutes", "24 hours", "7 days". */
export function durationWords(seconds: number): string {
  if (seconds % SECONDS_OF.d === 0 && seconds > SECONDS_OF.d) return count(seconds / SECONDS_OF.d, "day");
  if (seconds % SECONDS_OF.h === 0 && seconds > 0) return count(seconds / SECONDS_OF.h, "hour");
  if (seconds % SECONDS_OF.m === 0 && seconds > 0) return count(seconds / SECONDS_OF.m, "minute");
  return count(seconds, "second");
}

/** "1 note", "2 notes": the plain English plural, or the one given. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount.toLocaleString("en-US")} ${amount === 1 ? noun : plural}`;
}
