// What is not for every eye in the room: hidden until "Show" is pressed, and hidden again by the same button.

export function enlivenShowing(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-shows]")) {
    const target = document.getElementById(button.dataset["shows"] ?? "");
    if (target === null) continue;
    button.hidden = false;
    target.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => {
      target.hidden = !target.hidden;
      button.setAttribute("aria-expanded", String(!target.hidden));
      button.textContent = target.hidden ? "Show" : "Hide";
    });
  }
}
