// What of wrangler's output reaches the terminal: the Worker's own lines and every error; neither request lines, which carry URLs, nor chatter.

import { stripVTControlCharacters } from "node:util";

/** Wrangler's own lines: requests with their URL, "Ready on", reloads. */
const CHATTER = /^\[wrangler:|^⎔ /;

export interface OutputFilter {
  /** A piece of standard output, cut anywhere. */
  push(chunk: string): void;
  /** From here on the Worker speaks; what came before was wrangler setting up. */
  opened(): void;
  /** What wrangler said while it set up: worth showing when that failed. */
  setUp(): string;
}

export function filterOutput(write: (line: string) => void, options: { readonly colours: boolean }): OutputFilter {
  const setUpLines: string[] = [];
  let open = false;
  let rest = "";
  return {
    push(chunk) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const plain = stripVTControlCharacters(line);
        if (!open) setUpLines.push(plain);
        else if (!CHATTER.test(plain)) write(options.colours ? line : plain);
      }
    },
    opened() {
      open = true;
    },
    setUp: () => setUpLines.join("\n"),
  };
}

/** Wrangler says at every start how a cron can be run by hand. */
const CRON_NOTICE = /\S*▲[^\n]*Scheduled Workers are not automatically triggered[^]*?test-cron-triggers-locally\S*\n*/;

export function withoutCronNotice(text: string): string {
  return text.replace(CRON_NOTICE, "");
}

/** Wrangler frames the Worker's warnings and errors; its structured lines come through as they were written. */
export function withoutFrames(text: string): string {
  return text.replace(/^(?:▲ \[WARNING\]|✘ \[ERROR\]) (\{"level":.*\})\n{0,2}/gm, "$1\n");
}
