// Notifications of the browser, for whoever wished them on this device. They name app and bunker and no word of what was asked for: a
// locked phone shows them to everybody in the room.

const WISHED = "notify-approvals";

/** The button in the footer: asks once, and takes the wish back on the next press. */
export function enlivenWish(): void {
  const button = document.querySelector<HTMLButtonElement>("button[data-notify]");
  if (button === null || !("Notification" in globalThis) || Notification.permission === "denied") return;
  const show = () => (button.textContent = isWished() ? "Stop notifying me in this browser" : "Notify me in this browser");
  button.addEventListener("click", () => {
    void toggle().finally(() => {
      show();
      button.hidden = Notification.permission === "denied";
    });
  });
  show();
  button.hidden = false;
}

async function toggle(): Promise<void> {
  if (isWished()) return localStorage.removeItem(WISHED);
  if ((await Notification.requestPermission()) === "granted") localStorage.setItem(WISHED, "yes");
}

/** More approvals wait than before. The names are those that members gave, never what an app calls itself. */
export function noteWaiting(waiting: number, { lastApp: app, lastBunker: bunker }: DOMStringMap): void {
  // Whoever looks at the page has seen it.
  if (!isWished() || document.visibilityState === "visible") return;
  if (app === undefined || bunker === undefined) return;
  const body = waiting === 1 ? `${app} waits for an answer.` : `${app} waits for an answer, ${waiting} requests in all.`;
  const notification = new Notification(bunker, { body, tag: "countersign-approvals" });
  notification.addEventListener("click", () => {
    window.focus();
    notification.close();
  });
}

function isWished(): boolean {
  return Notification.permission === "granted" && localStorage.getItem(WISHED) === "yes";
}
