// The parts of a request, one component each: what is quoted, where it leads, what it changes. Markup only; what to show was decided before.

import { count } from "../../../policy/duration.ts";
import {
  MAX_ROWS_SHOWN,
  type DiffLine,
  type FieldChange,
  type Link,
  type Part,
  type Quoted,
  type Sentence,
  type Target,
} from "../../../presentation/presentation.ts";
import { foldAfter } from "../../../presentation/quote.ts";
import { Quote } from "../quote.tsx";
import { HostView, Segments, Words } from "./words.tsx";

/** The link to the whole text, for errors that lead there. */
export const WHOLE_TEXT_ID = "whole-text";

export interface PartProps {
  readonly part: Part;
  /** Where the whole text is, for pages that fold a long one; absent: it is never folded. */
  readonly fullView?: string | undefined;
}

export function PartView({ part, fullView }: PartProps) {
  switch (part.part) {
    case "quote":
      return <QuoteView label={part.label} text={part.text} fullView={fullView} />;
    case "say":
      return (
        <p>
          <Words of={part.sentence} />
        </p>
      );
    case "links":
      return <Links links={part.links} />;
    case "facts":
      return (
        <dl class="facts">
          {part.rows.map(({ label, value }) => (
            <>
              <dt>{label}</dt>
              <dd>
                <Words of={value} />
              </dd>
            </>
          ))}
        </dl>
      );
    case "fields":
      return <Fields rows={part.rows} />;
    case "list":
      return (
        <section class="listed">
          <h2>{part.title}</h2>
          <Items items={part.items.slice(0, ITEMS_OPEN)} />
          {part.items.length > ITEMS_OPEN && (
            <details class="fold">
              <summary>Show {part.items.length - ITEMS_OPEN} more</summary>
              <Items items={part.items.slice(ITEMS_OPEN)} />
            </details>
          )}
          <More more={part.more} />
        </section>
      );
    case "targets":
      return <Targets title={part.title} targets={part.targets} more={part.more} />;
    case "diff":
      return <Diff title={part.title} lines={part.lines} />;
    case "tags":
      return (
        <figure class="quote">
          <figcaption>Tags, written by the app</figcaption>
          <ul class="tag-rows">
            {part.rows.map((row) => (
              <li>
                {row.map((cell) => (
                  <bdi>
                    <Segments of={cell} />
                  </bdi>
                ))}
              </li>
            ))}
          </ul>
          <More more={part.more} />
        </figure>
      );
  }
}

/** The first of a long list, so that what must be ticked is not a long way off. */
const ITEMS_OPEN = 10;

function Items({ items }: { items: readonly Sentence[] }) {
  return (
    <ul>
      {items.map((item) => (
        <li>
          <Words of={item} />
        </li>
      ))}
    </ul>
  );
}

function QuoteView({ label, text, fullView }: { label: string; text: Quoted; fullView: string | undefined }) {
  const { segments, rest } = fullView === undefined ? { segments: text.segments, rest: 0 } : foldAfter(text, MAX_ROWS_SHOWN);
  const size = count(text.characters, "character");
  return (
    <>
      {text.hidden > 0 && <p class="hidden-note">This text holds {count(text.hidden, "invisible character")}, shown as boxes.</p>}
      <Quote
        by="app"
        label={label}
        after={
          rest === 0 ? (
            `${size}, all shown`
          ) : (
            <>
              {size}; {count(rest, "more line")}, not yet shown.{" "}
              <a id={WHOLE_TEXT_ID} href={fullView}>
                Show the whole text
              </a>
            </>
          )
        }
      >
        <Segments of={segments} />
      </Quote>
    </>
  );
}

/** Never links themselves: what a stranger wrote is not one press away. */
function Links({ links }: { links: readonly Link[] }) {
  return (
    <ul class="links">
      {links.map(({ number, host, address }) => (
        <li>
          Link {number} goes to {host === undefined ? "nobody knows where" : <HostView host={host} />}{" "}
          <bdi class="address">
            <Segments of={address} />
          </bdi>
        </li>
      ))}
    </ul>
  );
}

function Fields({ rows }: { rows: readonly FieldChange[] }) {
  const same = rows.filter(({ change }) => change === "same");
  const others = rows.filter(({ change }) => change !== "same");
  return (
    <>
      {others.length > 0 && (
        <dl class="changes">
          {others.map((row) => (
            <Field row={row} />
          ))}
        </dl>
      )}
      {others.length === 0 && <p>Nothing changes.</p>}
      {same.length > 0 && (
        <details class="fold">
          <summary>{same.length === 1 ? "1 stays as it is" : `${same.length} stay as they are`}</summary>
          <dl class="facts">
            {same.map(({ label, willBe = [] }) => (
              <>
                <dt>
                  <Words of={label} />
                </dt>
                <dd>
                  <Words of={willBe} />
                </dd>
              </>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}

function Field({ row: { label, was, willBe } }: { row: FieldChange }) {
  return (
    <>
      <dt>
        <Words of={label} />
      </dt>
      {was !== undefined && (
        <dd class="was">
          <span class="side">{willBe === undefined ? "goes" : "was"}</span>
          <span class="value">
            <Words of={was} />
          </span>
        </dd>
      )}
      {willBe !== undefined && (
        <dd class="will-be">
          <span class="side">{was === undefined ? "new" : "will be"}</span>
          <span class="value">
            <Words of={willBe} />
          </span>
        </dd>
      )}
    </>
  );
}

function Targets({ title, targets, more }: { title: string; targets: readonly Target[]; more: number }) {
  return (
    <section class="listed">
      <h2>{title}</h2>
      <ul class="targets">
        {targets.map(({ label, text, unknown }) => (
          <li>
            <p>
              <Words of={label} />
              {unknown !== undefined && <span class="meta">: {unknown}</span>}
            </p>
            {text !== undefined && (
              <blockquote class="words" dir="auto">
                <Segments of={text.segments} />
              </blockquote>
            )}
          </li>
        ))}
      </ul>
      <More more={more} />
    </section>
  );
}

const SIGNS = { same: ["", ""], added: ["+", "added: "], removed: ["−", "removed: "], skipped: ["", ""] } as const;

function Diff({ title, lines }: { title: string; lines: readonly DiffLine[] }) {
  return (
    <figure class="quote">
      <figcaption>{title}</figcaption>
      <ol class="diff">
        {lines.map(({ change, skipped, text }) => (
          <li class={change}>
            <span class="sign" aria-hidden="true">
              {SIGNS[change][0]}
            </span>
            {skipped === undefined ? (
              <span class="words" dir="auto">
                <span class="hidden-words">{SIGNS[change][1]}</span>
                <Segments of={text} />
              </span>
            ) : (
              <span class="meta">{count(skipped, "line")} as before</span>
            )}
          </li>
        ))}
      </ol>
    </figure>
  );
}

function More({ more }: { more: number }) {
  return more === 0 ? null : <p class="meta">and {more} more; the JSON has all of them</p>;
}
