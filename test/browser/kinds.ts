// A plain one of every kind that people are asked about, as an app sends it, and the headline that they read.

const ID = "5c83da77af1f2436a3d0f1b5c0f4bb6e1a5fda25d3c3b5b1e1f4c6f9f0a1b2c3";
const SOMEBODY = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";

interface AskedKind {
  readonly headline: string;
  readonly kind: number;
  readonly content?: string;
  readonly tags?: readonly (readonly string[])[];
}

const kind = (kind: number, headline: string, content = "", tags: readonly (readonly string[])[] = []): AskedKind => ({
  headline,
  kind,
  content,
  tags,
});

export const EVERY_KIND: readonly AskedKind[] = [
  kind(
    0,
    "Change the profile as Daily News?",
    '{"name":"Daily","about":"News","picture":"https://p.example/1","lud16":"tips@daily.example"}',
  ),
  kind(1, "Publish this note as Daily News?", "Good morning: https://promo.example/x #news"),
  kind(1, "Publish this note as Daily News?"),
  kind(1, "Publish this reply as Daily News?", "Thank you", [
    ["e", ID, "wss://relay.example", "reply"],
    ["p", SOMEBODY],
  ]),
  kind(3, "Change who Daily News follows?", "", [["p", SOMEBODY]]),
  kind(4, "Send a private message as Daily News?", "AAAA?iv=AAAA", [["p", SOMEBODY]]),
  kind(13, "Send a private message as Daily News?", "AAAA"),
  kind(14, "Sign a chat message as Daily News?", "See you at eight", [["p", SOMEBODY]]),
  kind(15, "Sign a chat message as Daily News?", "https://files.example/a", [["p", SOMEBODY]]),
  kind(1059, "Sign a gift wrap as Daily News?", "AAAA", [["p", SOMEBODY]]),
  kind(5, "Delete 2 posts as Daily News?", "A mistake", [
    ["e", ID],
    ["e", "1".repeat(64)],
  ]),
  kind(62, "Erase Daily News from relays?", "", [["relay", "ALL_RELAYS"]]),
  kind(6, "Repost this note as Daily News?", "", [
    ["e", ID],
    ["p", SOMEBODY],
  ]),
  kind(16, "Repost this post as Daily News?", "", [
    ["e", ID],
    ["k", "30023"],
  ]),
  kind(7, "React with a like as Daily News?", "+", [["e", ID]]),
  kind(7, "React with 👍 as Daily News?", "👍", [["e", ID]]),
  kind(10_002, "Change where Daily News is found?", "", [
    ["r", "wss://a.example"],
    ["r", "ws://203.0.113.7", "write"],
  ]),
  kind(22_242, "Log in to a relay as Daily News?", "", [
    ["relay", "wss://a.example"],
    ["challenge", "x"],
  ]),
  kind(27_235, "Log in to a website as Daily News?", "", [
    ["u", "https://a.example/post?x=1"],
    ["method", "POST"],
  ]),
  kind(30_023, "Publish this article as Daily News?", "# Title\n\nText", [
    ["d", "a"],
    ["title", "News of today"],
    ["summary", "All of it"],
  ]),
  kind(30_024, "Publish this draft article as Daily News?", "Text", [["d", "b"]]),
  kind(1984, "Report somebody as Daily News?", "", [
    ["p", SOMEBODY, "impersonation"],
    ["e", ID, "spam"],
  ]),
  kind(31_337, "Sign something unknown as Daily News?", "x".repeat(300), [
    ["d", "x"],
    ["alt", "A track"],
    ["t", "y".repeat(200)],
  ]),
  kind(20_500, "Sign something unknown as Daily News?"),
];

/** Short keys are written as "npub1…". */
export const MESSAGES: readonly { readonly headline: string; readonly method: string; readonly params: string[] }[] = [
  { headline: "Encrypt for npub1… as Daily News?", method: "nip44_encrypt", params: [SOMEBODY, "hello"] },
  { headline: "Encrypt for npub1… as Daily News?", method: "nip04_encrypt", params: [SOMEBODY, "hello"] },
  {
    headline: "Read a message from npub1… as Daily News?",
    method: "nip44_decrypt",
    params: [SOMEBODY, "A".repeat(132)],
  },
];
