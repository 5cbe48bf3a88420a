// The life of one link as a pure state machine: wanted, dialing, open, probing, backing off. No socket, no clock, no randomness of its own.

/** A relay that restarts is back within seconds; one that is down for good is asked twelve times an hour. */
export const MIN_BACKOFF_MS = 2_000;
export const MAX_BACKOFF_MS = 300_000;
/** A relay may ask for patience, but not silence a signer for good. */
export const MAX_RETRY_AFTER_MS = 3_600_000;
/** Half-open sockets appear after one or two idle minutes behind proxies. */
export const SILENCE_BEFORE_PROBE_MS = 60_000;
/** A relay that cannot say EOSE to a filter of one key within this does not serve requests either. */
export const PROBE_PATIENCE_MS = 10_000;
/** A relay that lets us in and drops us at once is failing, however often it lets us in. */
export const STEADY_AFTER_MS = 60_000;

/** `attempts` counts failures in a row. Times in milliseconds. */
export type LinkState =
  | { readonly phase: "wanted"; readonly attempts: number }
  | { readonly phase: "dialing"; readonly attempts: number }
  | { readonly phase: "open"; readonly attempts: number; readonly openedAt: number; readonly heardAt: number }
  | { readonly phase: "probing"; readonly attempts: number; readonly openedAt: number; readonly askedAt: number }
  | { readonly phase: "backing-off"; readonly attempts: number; readonly notBefore: number };

/**
 * "beat": time has passed. "opened", "failed": how a dial ended. "heard": any frame. "answered": the probe's own answer.
 * "doubted": something that should have come did not. "lost": the socket closed, or had to be.
 */
export type LinkInput =
  | { readonly type: "beat" | "opened" | "heard" | "answered" | "doubted" | "lost" }
  | { readonly type: "failed"; readonly retryAfterSeconds: number | undefined };

/** "redial": the old socket is given up without waiting for its close. */
export type LinkEffect = "dial" | "redial" | "probe";

export interface LinkStep {
  readonly state: LinkState;
  readonly effect?: LinkEffect;
}

/** How long to wait after the n-th failure in a row: 2 to 4 s, doubling up to 150 to 300 s. `random` in [0, 1). */
export function backoffMs(attempts: number, random: number): number {
  const longest = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** Math.min(attempts, 30));
  // Half fixed, half random: the links that one relay's restart cut do not all come back in the same moment.
  return Math.round(longest / 2 + (longest / 2) * random);
}

function backOff(attempts: number, now: number, random: number, retryAfterMs = 0): LinkState {
  const wait = Math.max(backoffMs(attempts, random), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
  return { phase: "backing-off", attempts, notBefore: now + wait };
}

function beat(state: LinkState, now: number): LinkStep {
  switch (state.phase) {
    case "wanted":
      return { state: { phase: "dialing", attempts: state.attempts }, effect: "dial" };
    case "backing-off":
      if (now < state.notBefore) return { state };
      return { state: { phase: "dialing", attempts: state.attempts }, effect: "dial" };
    case "open": {
      const attempts = now - state.openedAt >= STEADY_AFTER_MS ? 0 : state.attempts;
      const open = attempts === state.attempts ? state : { ...state, attempts };
      return now - state.heardAt > SILENCE_BEFORE_PROBE_MS ? probe(open, now) : { state: open };
    }
    case "probing":
      if (now - state.askedAt < PROBE_PATIENCE_MS) return { state };
      // At once, without backoff: this costs a relay one dial in 70 seconds at most.
      return { state: { phase: "dialing", attempts: state.attempts }, effect: "redial" };
    case "dialing":
      return { state };
  }
}

function probe(state: Extract<LinkState, { phase: "open" }>, now: number): LinkStep {
  return { state: { phase: "probing", attempts: state.attempts, openedAt: state.openedAt, askedAt: now }, effect: "probe" };
}

/** One input, one new state, at most one effect. Inputs that do not fit the phase (a late close, a second answer) change nothing. */
export function step(state: LinkState, input: LinkInput, now: number, random: number): LinkStep {
  switch (input.type) {
    case "beat":
      return beat(state, now);
    case "opened":
      if (state.phase !== "dialing") return { state };
      return { state: { phase: "open", attempts: state.attempts, openedAt: now, heardAt: now } };
    case "failed":
      if (state.phase !== "dialing") return { state };
      return { state: backOff(state.attempts + 1, now, random, (input.retryAfterSeconds ?? 0) * 1000) };
    case "heard":
      return state.phase === "open" ? { state: { ...state, heardAt: now } } : { state };
    case "answered":
      if (state.phase !== "probing") return { state };
      return { state: { phase: "open", attempts: state.attempts, openedAt: state.openedAt, heardAt: now } };
    case "doubted":
      return state.phase === "open" ? probe(state, now) : { state };
    case "lost": {
      if (state.phase !== "open" && state.phase !== "probing") return { state };
      const attempts = now - state.openedAt >= STEADY_AFTER_MS ? 0 : state.attempts;
      return { state: backOff(attempts + 1, now, random) };
    }
  }
}

/** The moment from which a beat would change something; undefined while a dial is under way, which ends by itself. */
export function stateDueAt(state: LinkState, now: number): number | undefined {
  switch (state.phase) {
    case "wanted":
      return now;
    case "backing-off":
      return state.notBefore;
    case "open":
      return state.heardAt + SILENCE_BEFORE_PROBE_MS + 1;
    case "probing":
      return state.askedAt + PROBE_PATIENCE_MS;
    case "dialing":
      return undefined;
  }
}

/** What a stored row means to an object that has just woken: its sockets are gone, its patience is not. */
export function restoredState(stored: { readonly state: string; readonly attempts: number; readonly notBefore: number | null }): LinkState {
  if (stored.state === "backing-off" && stored.notBefore !== null) {
    return { phase: "backing-off", attempts: stored.attempts, notBefore: stored.notBefore };
  }
  return { phase: "wanted", attempts: stored.attempts };
}
