// Notifications of the browser, for whoever wished them on this device. They name the bunker and no word of what was asked for: a locked
// phone shows them to everybody in the room.

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

/** More approvals wait than before. */
export function noteWaiting(waiting: number): void {
  // Whoever looks at the page has seen it.
  if (!isWished() || document.visibilityState === "visible") return;
  const name = document.querySelector("[data-bunker-name]")?.textContent ?? "Countersign";
  const body = waiting === 1 ? "1 approval waits for an answer." : `${waiting} approvals wait for an answer.`;
  const notification = new Notification(name, { body, tag: "countersign-approvals" });
  notification.addEventListener("click", () => {
    window.focus();
    notification.close();
  });
}

function isWished(): boolean {
  return Notification.permission === "granted" && localStorage.getItem(WISHED) === "yes";
}
