// The frame of every page: skip link, wordmark, who is signed in. One heading, one stylesheet; a script only where a page asks for it.

import { html } from "hono/html";
import type { Child } from "hono/jsx";

/** Who looks at the page, as far as the frame shows it. */
export interface FramePerson {
  readonly email: string;
  readonly formToken: string;
}

export interface LayoutProps {
  readonly title: string;
  readonly person?: FramePerson | undefined;
  /** Lists and tables use the whole width; reading pages do not. */
  readonly wide?: boolean;
  /** A module under /assets, and the form token that it sends along. */
  readonly script?: { readonly src: string; readonly formToken: string };
  readonly children?: Child;
}

export function Layout({ title, person, wide, script, children }: LayoutProps) {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {script !== undefined && <meta name="form-token" content={script.formToken} />}
        <title>{title}</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        {script !== undefined && <script type="module" src={script.src}></script>}
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header class="frame">
          <a class="wordmark" href="/">
            <img src="/assets/icon.svg" alt="" />
            Countersign
          </a>
          {person !== undefined && <AccountMenu person={person} />}
        </header>
        <main id="content" class={wide === true ? "wide" : ""}>
          {children}
        </main>
      </body>
    </html>
  );
  return html`<!doctype html>${page}`;
}

function AccountMenu({ person }: { person: FramePerson }) {
  return (
    <nav aria-label="Account">
      <a href="/account">{person.email}</a>
      <form method="post" action="/sign-out" class="actions">
        <input type="hidden" name="form-token" value={person.formToken} />
        <button class="plain">Sign out</button>
      </form>
    </nav>
  );
}
