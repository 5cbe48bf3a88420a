// From a request and what was signed before to what a person is shown of it. The one way in: pages, mails, lists and the check of what
// had to be ticked all ask here, so none can show or demand something else.

import { escapedJson } from "./escaped-json.ts";
import type { Asked, ComparisonMaterial } from "./material.ts";
import { MAX_ROWS_SHOWN, type CriticalFact, type Presentation, type Warning } from "./presentation.ts";
import { foldAfter, line, segmentText } from "./quote.ts";
import type { Scene, Shown } from "./scene.ts";
import { inOrder } from "./warning.ts";
import { article } from "./kinds/article.ts";
import { reaction, report, repost } from "./kinds/about-others.ts";
import { followList, RELAY_LIST_KINDS, relayList } from "./kinds/lists.ts";
import { mediaLogin, relayLogin, webLogin } from "./kinds/logins.ts";
import { chatMessage, conversation, giftWrap, oldMessage, seal } from "./kinds/messages.ts";
import { note, TEXT_KINDS } from "./kinds/note.ts";
import { profile } from "./kinds/profile.ts";
import { deletion, vanish } from "./kinds/removal.ts";
import { unknown } from "./kinds/unknown.ts";

const KINDS: ReadonlyMap<number, (scene: Scene) => Shown> = new Map([
  [0, profile],
  ...[...TEXT_KINDS].map((kind): [number, typeof note] => [kind, note]),
  [3, followList],
  [4, oldMessage],
  [5, deletion],
  [6, repost],
  [7, reaction],
  [13, seal],
  [14, chatMessage],
  [15, chatMessage],
  [16, repost],
  [62, vanish],
  [1059, giftWrap],
  [1984, report],
  ...[...RELAY_LIST_KINDS].map((kind): [number, typeof relayList] => [kind, relayList]),
  [22_242, relayLogin],
  [24_242, mediaLogin],
  [27_235, webLogin],
  [30_023, article],
  [30_024, article],
]);

export function present(asked: Asked, material: ComparisonMaterial): Presentation {
  const bunker = onOneLine(material.bunkerName);
  const shown =
    asked.method === "sign_event"
      ? (KINDS.get(asked.event.kind) ?? unknown)({ event: asked.event, material, bunker })
      : conversation(asked, material, onOneLine(material.appName));
  const warnings = inOrder(shown.warnings);
  return {
    headline: shown.namesBunker === true ? `${shown.phrase}?` : `${shown.phrase} as ${bunker}?`,
    wish: shown.wish,
    technical: asked.method === "sign_event" ? `kind ${asked.event.kind}` : asked.method,
    parts: shown.parts,
    warnings,
    folded: shown.parts.reduce((rows, part) => rows + (part.part === "quote" ? foldAfter(part.text, MAX_ROWS_SHOWN).rest : 0), 0),
    critical: warnings.flatMap((warning) => criticalFact(warning) ?? []),
    isPrivate: shown.isPrivate ?? false,
    json: asked.method === "sign_event" ? escapedJson(asked.event, material.user) : null,
  };
}

function criticalFact({ id, acknowledge }: Warning): CriticalFact | undefined {
  return acknowledge === undefined ? undefined : { id, sentence: `I understand that ${acknowledge}.` };
}

const MAX_NAME = 100; // as long as members can make one

/** A name that a member gave: ours, and still on one line without anything that hides. */
function onOneLine(name: string): string {
  return line(name, MAX_NAME).map(segmentText).join("") || "(no name)";
}
