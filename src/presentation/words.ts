// Small words that every presentation uses: pieces of sentences, and how many of something.

import { hostWords } from "./host.ts";
import type { Piece } from "./presentation.ts";
import { line, MAX_NAME_CHARACTERS } from "./quote.ts";

export function said(text: string, max: number = MAX_NAME_CHARACTERS): Piece {
  return { is: "said", segments: line(text, max) };
}

export function host(name: string): Piece {
  return { is: "host", host: hostWords(name) };
}
