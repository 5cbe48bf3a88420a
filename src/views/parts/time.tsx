// A moment: absolute in the page, so that it is right without script and however late it is read; the console's script shows it as
// "4 minutes ago" in the reader's own zone and keeps the absolute one for hover and focus.

import { momentInWords } from "../../notify/templates/moment.ts";

export interface TimeProps {
  /** Milliseconds, or ISO 8601. */
  readonly at: number | string;
  /** The zone of the person, where the account names one. */
  readonly zone?: string | undefined;
  /** False on pages that must say the moment itself: approve pages, printouts. */
  readonly relative?: boolean;
}

export function Time({ at, zone, relative = true }: TimeProps) {
  const milliseconds = typeof at === "number" ? at : Date.parse(at);
  return (
    <time datetime={new Date(milliseconds).toISOString()} {...(relative && { "data-relative": "" })}>
      {momentInWords(milliseconds, zone)}
    </time>
  );
}
