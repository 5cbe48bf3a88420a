// What points at somebody else's post: reposts, reactions and reports. The post itself is shown only as far as it can be proven.

import { parseEvent, verifyEvent, type NostrEvent } from "../../protocol/event.ts";
import { parseJson } from "../../protocol/json.ts";
import { isHex64 } from "../../protocol/keys.ts";
import { linksIn } from "../links.ts";
import { shortKey, personPiece } from "../people.ts";
import type { Part, Piece, Sentence } from "../presentation.ts";
import { quote } from "../quote.ts";
import { BY_THE_APP, firstValue, say, targetsById, valuesOf, type Scene, type Shown } from "../scene.ts";
import { critical, dateOff, warn, type RankedWarning } from "../warning.ts";
import { said } from "../words.ts";
import { reactionWords } from "./reaction-words.ts";

export function repost(scene: Scene): Shown {
  const { event, material } = scene;
  const id = firstValue(event, "e");
  const copy = parseEvent(parseJson(event.content));
  const author = copy?.pubkey ?? firstValue(event, "p");
  const what = event.kind === 6 ? "note" : "post";
  return {
    phrase: `Repost this ${what}`,
    wish: `repost a ${what}`,
    parts: [
      ...copyParts(scene, id, copy),
      ...(author === undefined
        ? []
        : [{ part: "facts" as const, rows: [{ label: "Author", value: [personPiece(author, material.nickname)] }] }]),
    ],
    warnings: [...copyProblems(event.content, id, copy), ...dateOff(event, material)],
  };
}

function copyParts({ event, material }: Scene, id: string | undefined, copy: NostrEvent | undefined): Part[] {
  if (copy !== undefined) {
    if (copy.content === "") return [say("The post that is passed on has no text.")];
    const { links } = linksIn(copy.content);
    return [
      { part: "quote", label: "Written by its author, passed on by the app", text: quote(copy.content, material.nickname) },
      ...(links.length === 0 ? [] : [{ part: "links" as const, links }]),
    ];
  }
  if (event.content !== "") return [{ part: "quote", label: BY_THE_APP, text: quote(event.content) }];
  if (id === undefined) return [say("It names no post.")];
  return [{ part: "targets", title: "The app passed no copy along", targets: targetsById([id], "Post", material), more: 0 }];
}

function copyProblems(content: string, id: string | undefined, copy: NostrEvent | undefined): RankedWarning[] {
  const advice = "Reject it: the app passes on something else than it says.";
  const consequence = "Readers may be shown words that their author never wrote.";
  const mismatch = (fact: string) => [critical("repost-mismatch", "the copy inside cannot be trusted", [fact], consequence, advice)];
  if (content === "") {
    return [
      warn(
        "unusual",
        "no-copy",
        ["There is no copy inside, so it cannot be shown here."],
        "You would pass on something unseen.",
        "Look the post up before you approve.",
      ),
    ];
  }
  if (copy === undefined) return mismatch("What is inside is no post.");
  if (id !== copy.id) return mismatch("The copy inside does not match the post it names.");
  if (!verifyEvent(copy)) return mismatch("The signature of the copy inside is wrong.");
  return [];
}

export function reaction(scene: Scene): Shown {
  const { event, material } = scene;
  const target = valuesOf(event, "e").at(-1);
  const author = valuesOf(event, "p").at(-1);
  const { phrase, value } = reactionWords(event.content);
  return {
    phrase,
    wish: "react to a note",
    parts: [
      {
        part: "facts",
        rows: [
          { label: "Reaction", value },
          ...(author === undefined ? [] : [{ label: "To a post by", value: [personPiece(author, material.nickname)] }]),
        ],
      },
      target === undefined
        ? say("It names no post.")
        : { part: "targets", title: "Reaction to", targets: targetsById([target], "Note", material), more: 0 },
    ],
    warnings: dateOff(event, material),
  };
}

/** NIP-56. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["spam", "spam"],
  ["impersonation", "impersonation: pretends to be somebody else"],
  ["illegal", "illegal"],
  ["nudity", "nudity"],
  ["malware", "malware"],
  ["profanity", "profanity: hateful speech"],
  ["other", "another reason"],
]);

export function report(scene: Scene): Shown {
  const { event, material, bunker } = scene;
  const accused = event.tags.find(([name]) => name === "p");
  const note = event.tags.find(([name]) => name === "e");
  const reason = note?.[2] ?? accused?.[2];
  const rows: { label: string; value: Sentence }[] = [
    { label: "Who", value: accused === undefined ? ["nobody is named"] : [personPiece(accused[1] ?? "", material.nickname)] },
    { label: "Reason", value: [reasonWords(reason)].flat() },
    ...(note === undefined ? [] : [{ label: "Which note", value: [idPiece(note[1] ?? "")] }]),
  ];
  const fact = `Public accusation signed by ${bunker}.`;
  const consequence = "Anybody can read it, and relays and apps may hide whoever is accused.";
  return {
    phrase: "Report somebody",
    wish: "report somebody",
    parts: [
      { part: "facts", rows },
      event.content === "" ? say("No further words.") : { part: "quote", label: BY_THE_APP, text: quote(event.content, material.nickname) },
    ],
    warnings: [warn("loss", "accusation", [fact], consequence, "Approve it only if the team stands by it."), ...dateOff(event, material)],
  };
}

function idPiece(id: string): Piece {
  return isHex64(id) ? { is: "code", text: shortKey(id) } : said(id);
}

function reasonWords(reason: string | undefined): Sentence {
  if (reason === undefined || reason === "") return ["none is given"];
  const known = REASONS.get(reason);
  return known === undefined ? [said(reason)] : [known];
}
