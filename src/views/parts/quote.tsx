// Somebody else's words, told apart from ours by ground, bar and label. They never leave this block, and never become markup.

import type { Child } from "hono/jsx";

const LABELS = {
  app: "Written by the app",
  "app-about-itself": "Written by the app about itself",
  member: "Written by a member",
} as const;

export interface QuoteProps {
  readonly by: keyof typeof LABELS;
  /** Words of ours in place of the label that `by` has: "Reason, written by the app". */
  readonly label?: string;
  /** Text, or text with its invisible characters already shown as chips. White space is kept. */
  readonly children?: Child;
  /** Our words about the quoted ones, below: "212 characters, all shown". */
  readonly after?: Child;
}

export function Quote({ by, label = LABELS[by], children, after }: QuoteProps) {
  return (
    <figure class="quote">
      <figcaption>{label}</figcaption>
      {/* Isolated: what is written from right to left moves nothing outside. */}
      <blockquote class="words" dir="auto">
        {children}
      </blockquote>
      {after !== undefined && <p class="after">{after}</p>}
    </figure>
  );
}

/** An app's own name inside a sentence of ours: in quotation marks, isolated, one line of at most 64 characters. */
export function OwnName({ name }: { name: string }) {
  return (
    <>
      “<bdi class="own-words">{shortened(name)}</bdi>”
    </>
  );
}

const NAME_CHARACTERS = 64;

function shortened(name: string): string {
  const characters = Array.from(name.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim());
  return characters.length > NAME_CHARACTERS ? `${characters.slice(0, NAME_CHARACTERS - 1).join("")}…` : characters.join("");
}
