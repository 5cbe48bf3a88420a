// The frame of every page: one heading, one stylesheet, no script.

import { html } from "hono/html";
import type { Child } from "hono/jsx";

export function Layout(props: { title: string; children?: Child }) {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{props.title}</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      </head>
      <body>
        <header>
          <a href="/">Countersign</a>
        </header>
        <main>{props.children}</main>
      </body>
    </html>
  );
  return html`<!doctype html>${page}`;
}
