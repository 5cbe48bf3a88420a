// Nothing is there yet: says so, and what to do next.

import type { Child } from "hono/jsx";

export function Empty({ title, children }: { title: string; children?: Child }) {
  return (
    <section class="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
