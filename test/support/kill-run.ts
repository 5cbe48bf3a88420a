// Kills a real instance again and again in the middle of a burst, starts it on the same state, and says what does not add up afterwards.
// The suite runs a few rounds of it, `npm run kill` as many as one likes.

import { setTimeout as sleep } from "node:timers/promises";
import { HttpAsker, RelayAsker, settle, unanswered, type Asker, type Question } from "./kill-askers.ts";
import { activityProblems, answerProblems, budgetProblems, raceProblems, signedIn, type Race } from "./kill-findings.ts";
import { startInstance, type Instance } from "./instance.ts";
import { Operator } from "./operator.ts";
import { seededRandom } from "./seeded-random.ts";

export interface KillPlan {
  readonly seed: number;
  readonly kills: number;
  /** Apps with free hand, apps under the budget; each asks `burst` times in a round. */
  readonly freeApps: number;
  readonly countedApps: number;
  readonly burst: number;
  /** Signatures over HTTP in a round, under the same budget. */
  readonly httpBurst: number;
  /** Clients that race in each round for one invite with one use. */
  readonly racers: number;
  readonly say: (line: string) => void;
}

export interface KillReport {
  readonly problems: readonly string[];
  readonly asked: number;
  readonly signed: number;
  /** Questions that were open at the moment of a kill, over all rounds: without any, nothing was tested. */
  readonly cutOff: number;
}

/**
 * Requests over a budget are refused, and an app that is refused 60 times in a minute hears "rate-limited", which is not kept for it.
 * So the whole run asks only this much more than the budget holds.
 */
const ASKED_BEYOND_BUDGET = 40;
/** The kill comes this much after the answer that it waits for, at most: inside the work on the next ones. */
const KILL_JITTER_MILLISECONDS = 25;
/** Below the five minutes in which an event may be sent again. */
const SETTLE_EVERY_MILLISECONDS = 90_000;
const SETTLE_MILLISECONDS = 60_000;

export async function killRun(plan: KillPlan): Promise<KillReport> {
  const run = await KillRun.begin(plan);
  try {
    for (let round = 1; round <= plan.kills; round += 1) await run.round(round);
    return await run.report();
  } finally {
    await run.end();
  }
}

class KillRun {
  readonly #plan: KillPlan;
  readonly #random: () => number;
  #instance: Instance;
  #operator: Operator;
  readonly #free: RelayAsker[] = [];
  readonly #counted: RelayAsker[] = [];
  readonly #http: HttpAsker[] = [];
  readonly #racing: RelayAsker[] = [];
  readonly #races: (Omit<Race, "racers"> & { readonly racers: readonly RelayAsker[] })[] = [];
  readonly #countedConnections: string[] = [];
  readonly #budget: number;
  #answers = 0;
  #cutOff = 0;
  #serial = 0;
  #settledAt = Date.now();

  static async begin(plan: KillPlan): Promise<KillRun> {
    const instance = await startInstance();
    try {
      const run = new KillRun(plan, instance, await Operator.create(instance));
      await run.#connectEverybody();
      return run;
    } catch (error) {
      await instance.discard();
      throw error;
    }
  }

  private constructor(plan: KillPlan, instance: Instance, operator: Operator) {
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.#instance = instance;
    this.#operator = operator;
    this.#budget = Math.max(1, plan.kills * (plan.countedApps * plan.burst + plan.httpBurst) - ASKED_BEYOND_BUDGET);
  }

  async round(round: number): Promise<void> {
    const plan = this.#plan;
    const { apps: racers, inviteSecret } = await this.#line();
    const before = this.#answers;
    // Everything is made first and sent at once, so that the kill finds a queue.
    for (const app of [...this.#free, ...this.#counted]) times(plan.burst, () => app.prepareToSign(this.#note()));
    for (const script of this.#http) times(plan.httpBurst, () => script.prepareToSign(this.#note()));
    for (const racer of racers) racer.prepare("connect", [racer.remoteSigner, inviteSecret]);
    for (const asker of this.#askers()) asker.ask(false);
    const asked = unanswered(this.#askers()).length;
    const killAfter = Math.floor(this.#random() * 0.8 * asked);
    const jitter = this.#random() * KILL_JITTER_MILLISECONDS;
    while (this.#answers - before < killAfter && unanswered(this.#askers()).length > 0) await sleep(1);
    await sleep(jitter);
    const { port, stateDir } = this.#instance;
    await this.#instance.kill();
    const cutOff = unanswered(this.#askers()).length;
    this.#cutOff += cutOff;
    this.#instance = await startInstance({ port, stateDir });
    this.#operator = this.#operator.after(this.#instance);
    plan.say(`round ${round} of ${plan.kills}: killed after ${this.#answers - before} of ${asked} answers, ${cutOff} cut off`);
    await this.#resume();
    if (Date.now() - this.#settledAt > SETTLE_EVERY_MILLISECONDS) await this.#settle();
  }

  async report(): Promise<KillReport> {
    const neverAnswered = await this.#settle();
    const questions = this.#questions();
    const problems = neverAnswered.map(({ name }) => `${name} was never answered`);
    await this.#askEverythingOnceMore();
    problems.push(...answerProblems(questions, this.#operator.userPubkey));
    problems.push(...(await activityProblems(this.#operator, questions)));
    const counted = [...this.#counted, ...this.#http].flatMap((asker): readonly Question[] => asker.questions);
    const signings = counted.filter(({ template }) => template !== undefined);
    problems.push(...(await budgetProblems(this.#operator, this.#budget, signings, this.#countedConnections)));
    problems.push(...(await raceProblems(this.#operator, this.#races.map(withAnswers))));
    const { storage } = await this.#operator.call<{ storage: { inbox: number } }>("GET", "");
    if (storage.inbox !== 0) problems.push(`${storage.inbox} requests still wait in the inbox`);
    const signed = questions.filter(({ answers }) => [...answers].some((answer) => signedIn(answer) !== undefined)).length;
    return { problems, asked: questions.length, signed, cutOff: this.#cutOff };
  }

  async end(): Promise<void> {
    for (const asker of this.#askers()) asker.close();
    await this.#instance.discard();
  }

  async #connectEverybody(): Promise<void> {
    await this.#operator.call("PUT", "/policies/counted", {
      name: "counted",
      default: "deny",
      rules: [
        { id: "notes", effect: "allow", methods: ["sign_event"], kinds: [1], budgets: [{ max: this.#budget, per: "day" }], over: "deny" },
      ],
    });
    for (let index = 0; index < this.#plan.freeApps; index += 1) this.#free.push(await this.#connected("full-access"));
    for (let index = 0; index < this.#plan.countedApps; index += 1) this.#counted.push(await this.#connected("counted"));
    const { items } = await this.#operator.call<{ items: { id: string; policy: string }[] }>("GET", "/connections");
    this.#countedConnections.push(...items.filter(({ policy }) => policy === "counted").map(({ id }) => id));
    const [connection] = this.#countedConnections;
    if (connection === undefined || this.#plan.httpBurst === 0) return;
    const url = `${this.#instance.url}/api/v1/bunkers/${this.#operator.bunkerId}/sign`;
    this.#http.push(new HttpAsker(url, this.#instance.setupToken, connection, this.#count));
  }

  async #connected(policy: string): Promise<RelayAsker> {
    const invited = await this.#operator.invite({ policy });
    const app = new RelayAsker(this.#relayUrl(), invited.remoteSigner, this.#count);
    await app.resume();
    app.prepare("connect", [invited.remoteSigner, invited.inviteSecret]);
    app.ask(false);
    await settle([app], SETTLE_MILLISECONDS);
    return app;
  }

  /** A fresh invite with one use, and clients that are ready to race for it. */
  async #line(): Promise<{ apps: readonly RelayAsker[]; inviteSecret: string }> {
    const invited = await this.#operator.invite({ policy: "read-only" });
    const apps = Array.from({ length: this.#plan.racers }, () => new RelayAsker(this.#relayUrl(), invited.remoteSigner, this.#count));
    for (const app of apps) await app.resume();
    this.#racing.push(...apps);
    this.#races.push({ inviteId: invited.id, remoteSigner: invited.remoteSigner, racers: apps });
    return { apps, inviteSecret: invited.inviteSecret };
  }

  async #resume(): Promise<void> {
    // Racers that have their answer need no socket any more.
    const wanted = this.#askers().filter((asker) => !this.#racing.includes(asker as RelayAsker) || unanswered([asker]).length > 0);
    for (const asker of wanted) await asker.resume();
  }

  async #settle(): Promise<Question[]> {
    const open = await settle(this.#askers(), SETTLE_MILLISECONDS);
    this.#settledAt = Date.now();
    return open;
  }

  /** Everybody listens anew and repeats everything: that may bring the same answer again, and never another one. */
  async #askEverythingOnceMore(): Promise<void> {
    for (const app of [...this.#free, ...this.#counted]) {
      await app.resume();
      app.ask(true);
      await app.barrier();
    }
    for (const script of this.#http) await script.askAllAndWait();
  }

  readonly #count = (): void => {
    this.#answers += 1;
  };

  #note() {
    this.#serial += 1;
    return { kind: 1, content: `note ${this.#serial}`, tags: [["t", "kill"]], created_at: Math.floor(Date.now() / 1000) };
  }

  #askers(): Asker[] {
    return [...this.#free, ...this.#counted, ...this.#http, ...this.#racing];
  }

  #questions(): Question[] {
    return this.#askers().flatMap(({ questions }): readonly Question[] => questions);
  }

  #relayUrl(): string {
    return `${this.#instance.url.replace(/^http/, "ws")}/relay/${this.#operator.bunkerId}`;
  }
}

function times(count: number, act: () => void): void {
  for (let index = 0; index < count; index += 1) act();
}

function withAnswers(race: { inviteId: string; remoteSigner: string; racers: readonly RelayAsker[] }): Race {
  const racers = race.racers.map((racer) => ({
    pubkey: racer.pubkey,
    answers: new Set(racer.questions.flatMap(({ answers }) => [...answers])),
  }));
  return { ...race, racers };
}
