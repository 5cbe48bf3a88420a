// Text as patterns and word lists see it: Unicode normal form NFKC, once as it is and once without what nobody can see.

export interface TextSeen {
  /** Characters as people count them: Unicode code points of the text as it came. */
  readonly size: number;
  /** NFKC. */
  readonly normal: string;
  /** NFKC without invisible characters: "give\u200Baway" reads as "giveaway". */
  readonly visible: string;
}

const NON_ASCII = /\P{ASCII}/u;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const SURROGATE_PAIR = /^[\ud800-\udbff][\udc00-\udfff]$/;
const SURROGATE_PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;

export function readText(raw: string): TextSeen {
  if (!NON_ASCII.test(raw)) return { size: raw.length, normal: raw, visible: raw };
  const pairs = raw.match(SURROGATE_PAIRS)?.length ?? 0;
  const visible = raw.replace(INVISIBLE, "").normalize("NFKC").replace(INVISIBLE, "");
  return { size: raw.length - pairs, normal: raw.normalize("NFKC"), visible };
}

const WORD_CHARACTER = /[\p{L}\p{N}\p{M}_]/u;

/** A word of a list in the form that is compared, lower case, one space between parts; undefined when nothing visible is left. */
export function normalWord(word: string): string | undefined {
  const normal = foldText(readText(word).visible).trim();
  return normal === "" ? undefined : normal;
}

/** Lower case, runs of white space as one space. */
export function foldText(text: string): string {
  return text.toLowerCase().replace(/\s+/gu, " ");
}

/** True where the text holds the word as a whole: "airdrop" is in "Airdrop!", not in "airdrops". Both folded. */
export function holdsWord(folded: string, word: string): boolean {
  const opens = WORD_CHARACTER.test(first(word));
  const closes = WORD_CHARACTER.test(last(word));
  for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + 1)) {
    const end = at + word.length;
    const startsInside = opens && at > 0 && WORD_CHARACTER.test(last(folded.slice(Math.max(0, at - 2), at)));
    const endsInside = closes && end < folded.length && WORD_CHARACTER.test(first(folded.slice(end, end + 2)));
    if (!startsInside && !endsInside) return true;
  }
  return false;
}

// Slices of two code units may begin or end inside a pair: the last and first whole code points are what counts.
function first(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}

function last(text: string): string {
  const pair = text.length > 1 && SURROGATE_PAIR.test(text.slice(-2));
  return text.slice(pair ? -2 : -1);
}
