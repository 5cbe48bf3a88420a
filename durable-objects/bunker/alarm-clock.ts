// The one owner of the object's alarm. Everything that is due shares it: whoever needs a wake-up asks for the earliest, and nothing
// due means no alarm, so that the object sleeps.

export interface Job {
  readonly name: string;
  /** Runs when the alarm fires; must be harmless to run too early or twice. */
  run(now: number): void | Promise<void>;
  /** When it wants to run next (milliseconds), or undefined. */
  nextDue(now: number): number | undefined;
}

/** Before any job runs the alarm is set this far ahead: a handler that throws would be retried six times, then lost for good. */
const SAFETY_MS = 30_000;
/** A job that cannot say when it is due is asked again: seldom, because what is broken mostly stays so. */
const BROKEN_JOB_MS = 3_600_000;

export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  readonly #jobs: readonly Job[];
  readonly #onError: (job: string, error: unknown) => void;
  /** What is set, as far as this instance knows; undefined before the first look. */
  #armedAt: number | null | undefined;
  #isEnded = false;
  /** What was asked for before the first look: must not push away an earlier alarm that is set already. */
  #wishedFor: number | undefined;

  constructor(storage: DurableObjectStorage, jobs: readonly Job[], onError: (job: string, error: unknown) => void) {
    this.#storage = storage;
    this.#jobs = jobs;
    this.#onError = onError;
  }

  /** Reads what is set. Call once before anything else. */
  async load(): Promise<void> {
    this.#armedAt = await this.#storage.getAlarm();
    const wished = this.#wishedFor;
    this.#wishedFor = undefined;
    if (wished !== undefined) this.armBy(wished);
  }

  /** The same when an object wakes: an alarm that fired while nobody could work on it is gone, so what is due is armed again. */
  async loadOrArm(now: number): Promise<void> {
    await this.load();
    if (this.#armedAt === null) await this.rearm(now);
  }

  /** A transaction came to nothing, and the alarm that it had set with it. */
  async reload(): Promise<void> {
    this.#armedAt = undefined;
    await this.load();
  }

  /** The object is emptied: nothing is due any more, and no job may look at tables that are gone. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#storage.deleteAlarm();
  }

  /** Makes sure that the alarm fires at `at` or earlier. */
  armBy(at: number): void {
    if (this.#isEnded) return;
    if (this.#armedAt === undefined) {
      this.#wishedFor = Math.min(at, this.#wishedFor ?? at);
      return;
    }
    if (this.#armedAt !== null && this.#armedAt <= at) return;
    this.#armedAt = at;
    // What was due since ever is due now; the runtime takes no time before its first millisecond.
    void this.#storage.setAlarm(Math.max(at, 1));
  }

  async fire(now: number): Promise<void> {
    this.#armedAt = now + SAFETY_MS;
    await this.#storage.setAlarm(this.#armedAt);
    for (const job of this.#jobs) {
      if (this.#isEnded) return;
      try {
        await job.run(now);
      } catch (error) {
        this.#onError(job.name, error);
      }
    }
    await this.rearm(Date.now());
  }

  /** Sets the alarm to the earliest wish of all jobs, or takes it away. */
  async rearm(now: number): Promise<void> {
    if (this.#isEnded) return;
    const at = this.#earliestWish(now);
    if (at === undefined) {
      this.#armedAt = null;
      return this.#storage.deleteAlarm();
    }
    if (at === this.#armedAt) return;
    this.#armedAt = at;
    await this.#storage.setAlarm(at);
  }

  /** Looks whether the alarm is really there, and sets it again when it was lost or is too late. */
  async recover(now: number): Promise<void> {
    await this.load();
    const at = this.#earliestWish(now);
    if (at !== undefined) this.armBy(at);
  }

  #earliestWish(now: number): number | undefined {
    const wishes = this.#jobs.map((job) => this.#wishOf(job, now)).filter((due) => due !== undefined);
    return wishes.length === 0 ? undefined : Math.max(now, Math.min(...wishes));
  }

  // One job that cannot even say when must not take the alarm away from the others.
  #wishOf(job: Job, now: number): number | undefined {
    try {
      return job.nextDue(now);
    } catch (error) {
      this.#onError(job.name, error);
      return now + BROKEN_JOB_MS;
    }
  }
}
