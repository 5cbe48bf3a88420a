// The beginning of a request's text for lists, as somebody else's words; nothing for what has none.

import { excerpt } from "../../../presentation/quote.ts";
import type { Presentation } from "../../../presentation/presentation.ts";
import { Segments } from "./words.tsx";

const CHARACTERS = 140;

export function Excerpt({ presentation }: { presentation: Presentation | null }) {
  const quoted = presentation?.parts.find((part) => part.part === "quote");
  if (quoted === undefined) return null;
  return (
    <blockquote class="excerpt" dir="auto">
      <Segments of={excerpt(quoted.text, CHARACTERS).segments} />
    </blockquote>
  );
}
