// What a person is shown of a request: plain data that pages, mails and lists draw alike. A plain string in here is our own word; what an
// app, a profile or a stranger wrote stands only in segments, where nothing invisible is left.

/** A run of somebody else's text. Its text holds no control, direction or zero-width character that is not named by a chip beside it. */
export type Segment =
  | { readonly is: "text"; readonly text: string }
  /** What nobody could see, or was left out, by its name: "right-to-left override", "14 empty lines". */
  | { readonly is: "chip"; readonly name: string }
  | { readonly is: "mention"; readonly person: Person }
  /** Another reference of NIP-19 or NIP-21, shortened: a note, an article. */
  | { readonly is: "reference"; readonly short: string };

/** Somebody else's text as a block of its own. */
export interface Quoted {
  readonly segments: readonly Segment[];
  /** Characters (code points) of the text as it came. */
  readonly characters: number;
  /** Rows that it takes on a phone, about: a long paragraph is many. */
  readonly lines: number;
  /** Invisible characters that chips stand for. */
  readonly hidden: number;
}

export interface Person {
  readonly npub: string;
  /** "npub1qy352eu…8f2kxz", longer where a list holds another one that looks alike. */
  readonly short: string;
  /** The name that a member of the team gave this key; ours. */
  readonly nickname?: string;
}

/** A host as it is resolved, with what it displays as where that differs. */
export interface Host {
  /** ASCII: "promo.example", "xn--pple-43d.com", "[2001:db8::1]". */
  readonly name: string;
  readonly displays?: { readonly as: readonly Segment[]; /** "mixing Latin and Cyrillic", "in Cyrillic" */ readonly alphabets: string };
}

/** A part of a sentence. */
export type Piece =
  | string
  /** Theirs, within our sentence: shown in quotes, isolated, on one line. */
  | { readonly is: "said"; readonly segments: readonly Segment[] }
  | { readonly is: "person"; readonly person: Person }
  | { readonly is: "host"; readonly host: Host }
  /** An id or an address, in monospace: somebody else's, but ASCII alone. */
  | { readonly is: "code"; readonly text: string };
export type Sentence = readonly Piece[];

export interface Link {
  /** From 1, in the order of the text. */
  readonly number: number;
  /** Undefined where the address leads nobody knows where. */
  readonly host: Host | undefined;
  /** The whole address as it was written. */
  readonly address: readonly Segment[];
}

/** One field or entry, before and after. "lists" names what an array or a part of the event holds; it is ours. */
export interface FieldChange {
  readonly label: Sentence;
  readonly change: "added" | "removed" | "changed" | "same";
  readonly was?: Sentence;
  readonly willBe?: Sentence;
}

export interface DiffLine {
  readonly change: "same" | "added" | "removed" | "skipped";
  /** For "skipped": how many unchanged lines are left out. */
  readonly skipped?: number;
  readonly text: readonly Segment[];
}

export interface Target {
  /** "Note 5c83da77…af1f24", "Article “…”". */
  readonly label: Sentence;
  /** Its text, where that is known; otherwise the sentence says why not. */
  readonly text?: Quoted;
  readonly unknown?: string;
}

export type Part =
  /** A quote block. `label` says whose words they are: "Written by the app". */
  | { readonly part: "quote"; readonly label: string; readonly text: Quoted }
  | { readonly part: "say"; readonly sentence: Sentence }
  | { readonly part: "links"; readonly links: readonly Link[] }
  | { readonly part: "facts"; readonly rows: readonly { readonly label: string; readonly value: Sentence }[] }
  | { readonly part: "fields"; readonly rows: readonly FieldChange[] }
  /** `title` is ours: "Removed, 412". `items` may be shortened to the first; `more` says how many are left out. */
  | { readonly part: "list"; readonly title: string; readonly items: readonly Sentence[]; readonly more: number }
  | { readonly part: "targets"; readonly title: string; readonly targets: readonly Target[]; readonly more: number }
  | { readonly part: "diff"; readonly title: string; readonly lines: readonly DiffLine[] }
  | { readonly part: "tags"; readonly rows: readonly (readonly (readonly Segment[])[])[]; readonly more: number };

export interface Warning {
  /** Stable for the same fact: "first-link", "lost-follows-412". ASCII, no spaces. */
  readonly id: string;
  /** What is so. */
  readonly fact: Sentence;
  /** What follows from it. */
  readonly consequence: Sentence;
  /** What to do. */
  readonly advice: string;
  /** Set for what must be ticked: completes "I understand that …", and is ours alone. */
  readonly acknowledge?: string;
}

/** What Approve needs a tick for. The ids are compared on the server: a figure that changed meanwhile is another fact. */
export interface CriticalFact {
  readonly id: string;
  /** "I understand that 412 follows are lost." */
  readonly sentence: string;
}

export interface Presentation {
  /** "Publish this note as Daily News?": a phrase of ours and the bunker's name, never a word of the app's. */
  readonly headline: string;
  /** "publish a note", "change the follow list (412 removed)": completes "news-bot wants to …" in subjects and lists; ours. */
  readonly wish: string;
  /** "kind 1", or the method; shown once, small. */
  readonly technical: string;
  /** The thing itself, then what it changes. Never empty. */
  readonly parts: readonly Part[];
  /** Worst first; critical ones before all others. */
  readonly warnings: readonly Warning[];
  readonly critical: readonly CriticalFact[];
  /** Rows of text that are folded away at first and must be opened before Approve counts; 0 for most. */
  readonly folded: number;
  /** True where mails must not quote it whatever the bunker's setting: private messages. */
  readonly isPrivate: boolean;
  /** Everything that would be signed, as JSON in ASCII; null where nothing is signed. */
  readonly json: string | null;
}

/** A text is complete up to so many rows. */
export const MAX_ROWS_SHOWN = 60;

/** How many warnings stand open; the rest is one press away. Critical ones always stand open. */
export const MAX_OPEN_WARNINGS = 3;
