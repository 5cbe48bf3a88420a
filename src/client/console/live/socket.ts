// One bunker's socket: says that something has changed, comes back by itself after a break, and asks now and then whether it still lives.
// Whoever was turned away for good (signed out, no member any more) stays away.

import { LIVE_AGE, LIVE_CLOSE, LIVE_PING, LIVE_PONG, LIVE_READY, type LiveHint, type LiveTopic } from "../../../live.ts";

export interface SocketOwner {
  /** Reads everything again that may have changed. `missed`: nobody knows what. */
  changed(topics: readonly LiveTopic[] | "missed"): Promise<void>;
  /** Whether changes are heard of at present. */
  state(state: "live" | "paused"): void;
}

/** A page that reads again at most so often is quick enough for people, and never in a busy bunker's way. */
const PAUSE_MS = 1_000;
const PING_MS = 45_000;
/** Far above any round trip; a phone's network takes its time after waking up. */
const PONG_MS = 10_000;
const RETRY_MS = [500, 2_000, 5_000, 15_000, 60_000] as const;
/** Breaks that are over before anybody notices are not worth a word. */
const QUIET_TRIES = 2;
const FOR_GOOD: readonly number[] = [LIVE_CLOSE.nobody, LIVE_CLOSE.replaced, LIVE_CLOSE.gone];

export class LiveSocket {
  readonly #url: string;
  readonly #owner: SocketOwner;
  #socket: WebSocket | undefined;
  #tries = 0;
  #wasLive = false;
  #pongDue: number | undefined;

  constructor(path: string, owner: SocketOwner) {
    this.#url = new URL(path, location.href.replace(/^http/, "ws")).href;
    this.#owner = owner;
    this.#open();
    setInterval(() => {
      if (document.visibilityState === "visible") this.check();
    }, PING_MS);
  }

  /** Asks whether the socket lives: a broken one may look open for minutes. */
  check(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#pongDue !== undefined) return;
    this.#socket.send(LIVE_PING);
    const asked = this.#socket;
    this.#pongDue = setTimeout(() => this.#lost(asked, 0), PONG_MS);
  }

  #open(): void {
    // The first one says how old the page is: what has changed since is told at once. Later ones read everything again anyway.
    const age = this.#wasLive ? "" : `?${LIVE_AGE}=${Math.ceil(performance.now())}`;
    const socket = new WebSocket(`${this.#url}${age}`);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#tries = 0;
      this.#owner.state("live");
      if (this.#wasLive) void this.#owner.changed("missed");
      this.#wasLive = true;
    });
    socket.addEventListener("message", ({ data }) => {
      if (data === LIVE_PONG) this.#forgetPing();
      else void this.#hint(socket, JSON.parse(String(data)) as LiveHint);
    });
    socket.addEventListener("close", ({ code }) => this.#lost(socket, code));
  }

  async #hint(socket: WebSocket, { changed }: LiveHint): Promise<void> {
    await this.#owner.changed(changed);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (socket.readyState === WebSocket.OPEN) socket.send(LIVE_READY);
  }

  #lost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#forgetPing();
    this.#socket = undefined;
    socket.close();
    const isForGood = FOR_GOOD.includes(code);
    if (isForGood || this.#tries >= QUIET_TRIES) this.#owner.state("paused");
    if (isForGood) return;
    const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)] ?? PING_MS;
    this.#tries += 1;
    // Many pages lose their sockets at once when a new version is deployed.
    setTimeout(() => this.#open(), wait * (0.75 + Math.random() / 2));
  }

  #forgetPing(): void {
    clearTimeout(this.#pongDue);
    this.#pongDue = undefined;
  }
}
