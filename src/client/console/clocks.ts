// Hours of charts in the reader's own zone, where the account names none.

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const zone = (Intl.DateTimeFormat().resolvedOptions().timeZone.split("/").at(-1) ?? "").replaceAll("_", " ");

export function enlivenClocks(root: ParentNode): void {
  for (const label of root.querySelectorAll("[data-clock]"))
    label.textContent = clock.format(Date.parse(label.getAttribute("data-clock") ?? ""));
  for (const name of root.querySelectorAll("[data-clock-zone]")) name.textContent = zone;
}
