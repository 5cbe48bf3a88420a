// What people call the kinds of events. A kind without a name here is shown as its number.

/** One of them, and many of them. */
const NAMES: ReadonlyMap<number, readonly [string, string]> = new Map([
  [0, ["the profile", "profile"]],
  [1, ["a note", "notes"]],
  [3, ["the follow list", "follow list"]],
  [4, ["an old private message", "old private messages"]],
  [5, ["a deletion", "deletions"]],
  [6, ["a repost", "reposts"]],
  [7, ["a reaction", "reactions"]],
  [8, ["a badge award", "badge awards"]],
  [9, ["a chat message", "chat messages"]],
  [11, ["a thread", "threads"]],
  [13, ["a sealed private message", "sealed private messages"]],
  [14, ["a private chat message", "private chat messages"]],
  [15, ["a private file message", "private file messages"]],
  [16, ["a repost of another kind", "reposts of other kinds"]],
  [20, ["a picture", "pictures"]],
  [21, ["a video", "videos"]],
  [22, ["a short video", "short videos"]],
  [40, ["a new channel", "new channels"]],
  [41, ["channel details", "channel details"]],
  [42, ["a channel message", "channel messages"]],
  [62, ["a request to vanish", "requests to vanish"]],
  [1018, ["a poll answer", "poll answers"]],
  [1059, ["a gift wrap", "gift wraps"]],
  [1063, ["file details", "file details"]],
  [1068, ["a poll", "polls"]],
  [1111, ["a comment", "comments"]],
  [1222, ["a voice message", "voice messages"]],
  [1311, ["a live chat message", "live chat messages"]],
  [1984, ["a report", "reports"]],
  [1985, ["a label", "labels"]],
  [9734, ["a zap request", "zap requests"]],
  [9735, ["a zap receipt", "zap receipts"]],
  [9802, ["a highlight", "highlights"]],
  [10_000, ["the mute list", "mute list"]],
  [10_001, ["the pinned notes", "pinned notes"]],
  [10_002, ["the relay list", "relay list"]],
  [10_003, ["the bookmarks", "bookmarks"]],
  [10_004, ["the communities", "communities"]],
  [10_005, ["the public chats", "public chats"]],
  [10_015, ["the interests", "interests"]],
  [10_030, ["the emoji list", "emoji list"]],
  [10_050, ["the relay list for private messages", "relay list for private messages"]],
  [10_063, ["the media server list", "media server list"]],
  [13_194, ["wallet service details", "wallet service details"]],
  [22_242, ["a relay login", "relay logins"]],
  [23_194, ["a wallet request", "wallet requests"]],
  [24_133, ["a signer message", "signer messages"]],
  [24_242, ["a media server login", "media server logins"]],
  [27_235, ["a website login", "website logins"]],
  [30_000, ["a follow set", "follow sets"]],
  [30_001, ["a list of the old form", "lists of the old form"]],
  [30_003, ["a bookmark set", "bookmark sets"]],
  [30_004, ["a set of articles", "sets of articles"]],
  [30_008, ["the profile badges", "profile badges"]],
  [30_009, ["a badge definition", "badge definitions"]],
  [30_023, ["an article", "articles"]],
  [30_024, ["a draft article", "draft articles"]],
  [30_078, ["app data", "app data"]],
  [30_311, ["a live event", "live events"]],
  [30_315, ["a status", "statuses"]],
  [30_402, ["a classified listing", "classified listings"]],
  [31_922, ["a calendar day", "calendar days"]],
  [31_923, ["a calendar appointment", "calendar appointments"]],
  [31_990, ["app details", "app details"]],
]);

/** Whether people have a word for it. */
export function isNamedKind(kind: number): boolean {
  return NAMES.has(kind);
}

/** "a note", or "something unknown (kind 31337)". */
export function oneOfKind(kind: number): string {
  return NAMES.get(kind)?.[0] ?? `something unknown (kind ${kind})`;
}

/** "notes", or "kind 31337". */
export function manyOfKind(kind: number): string {
  return NAMES.get(kind)?.[1] ?? `kind ${kind}`;
}

/** Every kind that has a name, for editors that offer them. */
export function namedKinds(): { kind: number; name: string }[] {
  return [...NAMES].map(([kind, [, name]]) => ({ kind, name }));
}

/** The kind that people call so: "notes", "a note", "note". */
export function kindNamed(name: string): number | undefined {
  const wanted = bare(name);
  for (const [kind, names] of NAMES) if (names.some((one) => bare(one) === wanted)) return kind;
  return undefined;
}

function bare(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/^(an?|the) /, "");
}
