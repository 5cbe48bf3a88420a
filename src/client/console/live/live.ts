// Keeps an open page true: what has changed is read again, what waits is counted in the title, and the footer says when nobody tells us.
// `data-live` on the body names the bunkers that the page shows.

import { announce } from "../copying.ts";
import { refresh, type Enliven } from "./blocks.ts";
import { enlivenWish, noteWaiting } from "./notifications.ts";
import { LiveSocket } from "./socket.ts";

/** A page of forty bunkers hears of the first ones by itself; each is a socket. */
const MAX_SOCKETS = 24;

export function beginLive(enliven: Enliven): void {
  const bunkers = (document.body.dataset["live"] ?? "").split(" ").filter((id) => id !== "");
  if (bunkers.length === 0) return;
  const paused = new Set<string>();
  const setPaused = (bunkerId: string, isPaused: boolean) => {
    if (isPaused) paused.add(bunkerId);
    else paused.delete(bunkerId);
    showPaused(paused.size > 0);
  };
  countWaiting();
  enlivenWish();
  document.querySelector("[data-reload]")?.addEventListener("click", () => location.reload());
  const sockets = bunkers.slice(0, MAX_SOCKETS).map((bunkerId) => {
    return new LiveSocket(`/b/${bunkerId}/live`, {
      state: (state) => setPaused(bunkerId, state === "paused"),
      changed: async (topics) => {
        try {
          await refresh({ bunkerId, topics }, enliven);
          setPaused(bunkerId, false);
          countWaiting();
        } catch {
          setPaused(bunkerId, true);
        }
      },
    });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") for (const socket of sockets) socket.check();
  });
}

let waitingBefore: number | undefined;

/** Approvals that wait for somebody: in the bar, in the title, and if that is wished as a notification of the browser. */
function countWaiting(): void {
  const shown = document.querySelector<HTMLElement>("[data-waiting-total]");
  if (shown === null) return;
  const waiting = Number.parseInt(shown.textContent ?? "", 10) || 0;
  // "Error:" stays in front: it is about what the reader has just sent.
  const title = document.title.replace(/^\(\d+\) /, "");
  if (!title.startsWith("Error:")) document.title = waiting > 0 ? `(${waiting}) ${title}` : title;
  if (waitingBefore !== undefined && waiting > waitingBefore) {
    // A list of approvals says so itself.
    if (document.querySelector('[data-live-list][data-live-on~="approvals"]') === null) {
      announce(waiting === 1 ? "1 approval waits" : `${waiting} approvals wait`);
    }
    noteWaiting(waiting, shown.dataset);
  }
  waitingBefore = waiting;
}

function showPaused(isPaused: boolean): void {
  const place = document.querySelector<HTMLElement>("[data-live-paused]");
  if (place !== null) place.hidden = !isPaused;
}
