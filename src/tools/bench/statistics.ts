// Medians, high percentiles and ratios of what was measured.

/** The value below which this share (0 to 1) of the samples lies, the nearest one taken. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new RangeError("expected at least one sample, got none");
  return value;
}

/** The middle one, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const middle = samples.length / 2;
  if (!Number.isInteger(middle)) return quantile(samples, 0.5);
  const sorted = [...samples].sort((a, b) => a - b);
  const pair = sorted.slice(middle - 1, middle + 1);
  if (pair.length < 2) throw new RangeError("expected at least one sample, got none");
  return pair.reduce((sum, value) => sum + value, 0) / 2;
}

/**
 * The median of peer/ours, taken round by round: what slows a whole round down, like another program on the machine, is in both and
 * cancels out. Rounds that only one of them has do not count.
 */
export function ratio(peer: readonly number[], ours: readonly number[]): number {
  return median(peer.slice(0, ours.length).map((value, round) => value / (ours[round] ?? value)));
}
