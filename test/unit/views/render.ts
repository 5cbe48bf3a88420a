// Markup as the server sends it.

import { html } from "hono/html";
import type { Child } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";

export function render(node: Child): string {
  const escaped = html`${node}` as HtmlEscapedString;
  return escaped.toString();
}
