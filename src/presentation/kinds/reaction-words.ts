// A reaction in words: the character and its name. Only a single emoji may stand in a headline; anything longer is a text of the app's.

import type { Sentence } from "../presentation.ts";
import { said } from "../words.ts";

/** The names of the usual ones, as Unicode's charts have them in short. */
const NAMES: Readonly<Record<string, string>> = {
  "👍": "thumbs up",
  "👎": "thumbs down",
  "❤️": "red heart",
  "❤": "red heart",
  "🧡": "orange heart",
  "💛": "yellow heart",
  "💚": "green heart",
  "💙": "blue heart",
  "💜": "purple heart",
  "🖤": "black heart",
  "🤍": "white heart",
  "💔": "broken heart",
  "😂": "tears of joy",
  "🤣": "rolling on the floor laughing",
  "😄": "grinning face",
  "😊": "smiling face",
  "😍": "heart eyes",
  "😢": "crying face",
  "😭": "loudly crying face",
  "😡": "angry face",
  "😮": "surprised face",
  "🤔": "thinking face",
  "🙄": "rolling eyes",
  "🤮": "vomiting face",
  "🤡": "clown face",
  "💀": "skull",
  "💩": "pile of poo",
  "🔥": "fire",
  "🚀": "rocket",
  "🎉": "party popper",
  "👏": "clapping hands",
  "🙏": "folded hands",
  "🤙": "call me hand",
  "💪": "flexed biceps",
  "🫡": "saluting face",
  "🫂": "people hugging",
  "👀": "eyes",
  "💯": "hundred points",
  "⚡": "lightning",
  "⭐": "star",
  "✅": "check mark",
  "❌": "cross mark",
  "💜️": "purple heart",
  "🌹": "rose",
  "☕": "hot beverage",
  "🍻": "clinking beer mugs",
};

const ONE_EMOJI = /^\p{RGI_Emoji}$/v;

export function reactionWords(content: string): { readonly phrase: string; readonly value: Sentence } {
  // NIP-25: "+" and an empty content are a like, "-" a dislike.
  if (content === "+" || content === "") return { phrase: "React with a like", value: ["like"] };
  if (content === "-") return { phrase: "React with a dislike", value: ["dislike"] };
  if (!ONE_EMOJI.test(content) && NAMES[content] === undefined) return { phrase: "React to a note", value: [said(content)] };
  return { phrase: `React with ${content}`, value: [said(content), ` ${NAMES[content] ?? codePoints(content)}`] };
}

/** "U+1F9FF", for those whose name we do not know. */
function codePoints(text: string): string {
  return Array.from(text, (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`).join(" ");
}
