// The frame of every page: skip link, wordmark, the way between bunkers, who is signed in. One heading, one stylesheet; a script only
// where a page asks for it.

import { html } from "hono/html";
import type { Child } from "hono/jsx";
import { AccountMenu, BunkerSwitcher, InboxLink, type FramePerson } from "./frame/bar.tsx";
import { BunkerHead, liveFrameOf, LockBanner, type FrameBunker } from "./frame/bunker-head.tsx";
import { CONSOLE_SCRIPT_URL, STYLE_URL } from "./asset-urls.ts";

export type { FramePerson } from "./frame/bar.tsx";
export type { FrameBunker, Tab } from "./frame/bunker-head.tsx";

export interface LayoutProps {
  readonly title: string;
  readonly person?: FramePerson | undefined;
  /** The bunker that the page is about. */
  readonly bunker?: FrameBunker | undefined;
  /** Which link of the bar leads here. */
  readonly here?: "inbox" | undefined;
  /** The whole instance is locked. */
  readonly instanceLocked?: boolean;
  /** The console's own size of type and its full width; reading pages (approve, sign in, onboarding) have neither. */
  readonly wide?: boolean;
  /** A page of the console for one thing at a time: its size of type, the width of a reading page. */
  readonly narrow?: boolean;
  /** A module under /assets beside the console's own, and the form token that it sends along. */
  readonly script?: { readonly src: string; readonly formToken: string };
  /** Where this is, beside the name: for people who come by a mailed link. Such a page loads no picture either. */
  readonly host?: string;
  /** No script at all, the console's included. */
  readonly still?: boolean;
  /** Bunkers whose changes the page shows as they happen; the one that it is about by itself. */
  readonly live?: readonly string[];
  readonly children?: Child;
}

export function Layout(props: LayoutProps) {
  const { title, person, bunker, here, instanceLocked, wide, narrow, script, host, still, children } = props;
  const live = person === undefined || still === true ? [] : (props.live ?? (bunker === undefined ? [] : [bunker.id]));
  const isConsole = wide === true || narrow === true || bunker !== undefined;
  const token = script?.formToken ?? person?.formToken;
  const hasScript = script !== undefined || (person !== undefined && still !== true);
  const page = (
    <html lang="en" {...(person?.theme !== undefined && { "data-theme": person.theme })}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {hasScript && <meta name="form-token" content={token ?? ""} />}
        {person?.zone !== undefined && <meta name="time-zone" content={person.zone} />}
        <title>{withWaiting(title, person)}</title>
        <link rel="stylesheet" href={STYLE_URL} />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        {person !== undefined && still !== true && <script type="module" src={CONSOLE_SCRIPT_URL}></script>}
        {script !== undefined && <script type="module" src={script.src}></script>}
      </head>
      <body class={isConsole ? "console" : ""} {...(live.length > 0 && { "data-live": live.join(" ") })}>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header>
          <div class="bar">
            <a class="wordmark" href="/">
              {host === undefined && <img src="/assets/icon.svg" alt="" width="24" height="24" />}
              <span class={bunker === undefined && (person?.bunkers ?? []).length === 0 ? "" : "aside"}>Countersign</span>
            </a>
            {host !== undefined && <span class="at-host">{host}</span>}
            {person !== undefined && <BunkerSwitcher person={person} current={bunker?.id} />}
            <span class="grow"></span>
            {person !== undefined && <InboxLink person={person} isHere={here === "inbox"} liveFrom={liveFrameOf(bunker?.id)} />}
            {person !== undefined && <AccountMenu person={person} />}
          </div>
          {instanceLocked === true && (
            <LockBanner>This Countersign is locked. No bunker here signs anything. An owner of it can unlock it.</LockBanner>
          )}
          {bunker !== undefined && <BunkerHead bunker={bunker} />}
        </header>
        <main id="content" class={narrow === true ? "narrow" : ""} tabindex={-1}>
          {children}
        </main>
        {person !== undefined && (
          <footer class="foot">
            <div class="inner">
              <span>Countersign</span>
              <a href="/api/docs">API</a>
              {live.length > 0 && <LiveWords />}
              <span class="hidden-words" data-live-state role="status"></span>
            </div>
          </footer>
        )}
      </body>
    </html>
  );
  return html`<!doctype html>${page}`;
}

/** For the script, which shows them when it must. */
function LiveWords() {
  return (
    <>
      <span data-live-paused hidden>
        Live updates paused.{" "}
        <button type="button" class="plain inline" data-reload>
          Reload
        </button>
      </span>
      <button type="button" class="plain inline" data-notify hidden></button>
    </>
  );
}

/** "(2) Overview": what waits is seen from another tab. An error stays in front. */
function withWaiting(title: string, person: FramePerson | undefined): string {
  const waiting = person?.waiting ?? 0;
  return waiting > 0 && !title.startsWith("Error:") ? `(${waiting}) ${title}` : title;
}
