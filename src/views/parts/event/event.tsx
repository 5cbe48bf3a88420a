// A request as everybody is shown it, wherever: on the approve page, in the inbox, in the activity, in a dry-run. In one order: the
// thing, what it changes, what to look out for, the JSON.

import { MAX_OPEN_WARNINGS, type Presentation, type Warning } from "../../../presentation/presentation.ts";
import { Icon } from "../icons.tsx";
import { PartView } from "./parts.tsx";
import { Words } from "./words.tsx";

export function EventView({ presentation }: { presentation: Presentation }) {
  return (
    <div class="event">
      <EventParts presentation={presentation} />
      <Warnings warnings={presentation.warnings} />
      <Json presentation={presentation} />
    </div>
  );
}

export function EventParts({ presentation, fullView }: { presentation: Presentation; fullView?: string | undefined }) {
  return (
    <div class="thing">
      {presentation.parts.map((part) => (
        <PartView part={part} fullView={fullView} />
      ))}
    </div>
  );
}

/** At most three stand open; what must be ticked always does. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  const open = Math.max(MAX_OPEN_WARNINGS, warnings.filter(({ acknowledge }) => acknowledge !== undefined).length);
  const rest = warnings.slice(open);
  if (warnings.length === 0) return null;
  return (
    <section class="look-out">
      <h2 class="hidden-words">Look out</h2>
      <WarningList warnings={warnings.slice(0, open)} />
      {rest.length > 0 && (
        <details class="fold">
          <summary>{rest.length} more to look at</summary>
          <WarningList warnings={rest} />
        </details>
      )}
    </section>
  );
}

function WarningList({ warnings }: { warnings: readonly Warning[] }) {
  return (
    <ul>
      {warnings.map(({ fact, consequence, advice }) => (
        <li>
          <Icon name="triangle" />
          <p>
            <b>
              <Words of={fact} />
            </b>{" "}
            <Words of={consequence} /> {advice}
          </p>
        </li>
      ))}
    </ul>
  );
}

export function Json({ presentation: { json }, fingerprint }: { presentation: Presentation; fingerprint?: string }) {
  const mark = fingerprint === undefined ? "" : `fingerprint ${fingerprint}`;
  if (json === null) return mark === "" ? null : <p class="meta">Nothing is signed; {mark}</p>;
  return (
    <details class="fold">
      <summary>Everything that would be signed (JSON){mark !== "" && ` · ${mark}`}</summary>
      <pre>{json}</pre>
    </details>
  );
}
