// One relay, one socket at a time: carries out what the state machine says. Holds no key, verifies no signature, decides nothing: the
// owner does.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { RemoteSignerPubkey } from "../../../src/protocol/keys.ts";
import { Conversation } from "./conversation.ts";
import { LinkRecord, storedCoverage } from "./link-record.ts";
import { restoredState, stateDueAt, step } from "./link-state.ts";
import type { LinkEffect, LinkInput, LinkState } from "./link-state.ts";
import type { Dial, RelayHealth, RelayLinksOwner, RelaySocket } from "./port.ts";

/** Twice the longest message that default relays pass on; the runtime alone would hand us 32 MiB. Measured in UTF-16 units. */
export const MAX_FRAME_CHARS = 262_144;

export interface LinkTools {
  readonly dial: Dial;
  /** Milliseconds since 1970. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  readonly keysPerReq: number;
  /** Something may be due earlier than it was. */
  rearm(): void;
}

export class RelayLink {
  readonly relay: string;
  readonly #tools: LinkTools;
  readonly #owner: RelayLinksOwner;
  readonly #record: LinkRecord;
  readonly #conversation: Conversation;
  #state: LinkState;
  #socket: RelaySocket | undefined;
  /** Unix seconds; of the stored row, for the keys that were stored with it. */
  #coveredUntil: number | undefined;
  #isRetired = false;
  #isEnded = false;

  constructor(relay: string, stored: RelayHealth | undefined, tools: LinkTools, owner: RelayLinksOwner) {
    this.relay = relay;
    this.#tools = tools;
    this.#owner = owner;
    this.#record = new LinkRecord(relay, stored);
    this.#state = stored ? restoredState(stored) : { phase: "wanted", attempts: 0 };
    this.#coveredUntil = storedCoverage(stored);
    this.#conversation = new Conversation({
      relay,
      owner,
      record: this.#record,
      keysPerReq: tools.keysPerReq,
      now: tools.now,
      random: tools.random,
      rearm: tools.rearm,
      send: (text) => this.#send(text),
      answered: (now) => this.#advance({ type: "answered" }, now),
      report: (now) => this.#report(now),
    });
  }

  get isFinished(): boolean {
    return this.#isRetired && this.#conversation.isSettled;
  }

  /** The keys that this relay is wanted for. The first ones are asked for from the last contact that is stored, new ones from now. */
  setKeys(pubkeys: readonly RemoteSignerPubkey[]): void {
    this.#isRetired = false;
    this.#conversation.listenFor(pubkeys, this.#coveredUntil ?? Math.floor(this.#tools.now() / 1000));
    this.#coveredUntil = undefined;
  }

  /** Wanted no more: listens no longer, and stays only until its events are settled. */
  retire(): void {
    this.#isRetired = true;
    this.#conversation.stopListening();
  }

  end(): void {
    this.#isEnded = true;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000, "");
    this.#conversation.abandon();
  }

  publish(event: NostrEvent): void {
    this.#conversation.publish(event);
  }

  beat(now: number): void {
    this.#advance({ type: "beat" }, now);
    if (this.#conversation.beat(now)) this.#advance({ type: "doubted" }, now);
    if (this.#record.isUnreported) this.#report(now);
  }

  dueAt(now: number): number | undefined {
    const dues = [stateDueAt(this.#state, now), ...this.#conversation.dueAts(now)].filter((due) => due !== undefined);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  health(now: number): RelayHealth {
    return this.#record.health(this.#state, this.#conversation.since(now));
  }

  #advance(input: LinkInput, now: number): void {
    const before = this.#state;
    const { state, effect } = step(before, input, now, this.#tools.random());
    this.#state = state;
    if (effect) this.#carryOut(effect, now);
    if (state.phase !== before.phase || state.attempts !== before.attempts) this.#report(now);
  }

  #report(now: number): void {
    this.#record.isUnreported = false;
    this.#owner.changed(this.relay, this.health(now));
    this.#tools.rearm();
  }

  #carryOut(effect: LinkEffect, now: number): void {
    switch (effect) {
      case "redial":
        this.#record.refused("silent: the socket did not answer a probe");
        this.#leaveSocket("");
        void this.#dial();
        break;
      case "dial":
        void this.#dial();
        break;
      case "probe":
        this.#conversation.probe(now);
    }
  }

  async #dial(): Promise<void> {
    const outcome = await this.#tools.dial(this.relay);
    const now = this.#tools.now();
    if (this.#isEnded) {
      if (outcome.ok) outcome.socket.close(1000, "");
    } else if (outcome.ok) {
      this.#opened(outcome.socket, now);
    } else {
      this.#record.refused(outcome.reason);
      this.#advance({ type: "failed", retryAfterSeconds: outcome.retryAfterSeconds }, now);
    }
  }

  #opened(socket: RelaySocket, now: number): void {
    this.#socket = socket;
    this.#record.opened();
    this.#advance({ type: "opened" }, now);
    // Late words of a socket that has been given up must not touch its successor.
    socket.start({
      message: (data) => this.#socket === socket && this.#message(data, this.#tools.now()),
      closed: (code, reason) => this.#socket === socket && this.#closed(code, reason),
    });
    this.#conversation.begin(now);
  }

  #message(data: unknown, now: number): void {
    // NIP-01 frames are JSON text: whoever sends anything else is no relay.
    if (typeof data !== "string") return this.#drop(1003, "binary frame");
    if (data.length > MAX_FRAME_CHARS) return this.#drop(1009, `frame of ${data.length} characters, at most ${MAX_FRAME_CHARS} are read`);
    this.#advance({ type: "heard" }, now);
    this.#record.heard();
    this.#conversation.receive(data, now);
  }

  #closed(code: number, reason: string): void {
    this.#record.refused(`closed: ${code} ${reason}`.trim());
    this.#socket = undefined;
    this.#conversation.interrupt(code);
    this.#advance({ type: "lost" }, this.#tools.now());
  }

  #drop(code: number, problem: string): void {
    this.#record.refused(problem);
    this.#leaveSocket(problem, code);
    this.#advance({ type: "lost" }, this.#tools.now());
  }

  #leaveSocket(goodbye: string, code = 1000): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(code, goodbye);
    this.#conversation.interrupt(1000);
  }

  #send(text: string): void {
    try {
      this.#socket?.send(text);
    } catch {
      this.#drop(1000, "closed: the socket took no more frames");
    }
  }
}
