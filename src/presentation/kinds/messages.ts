// Private messages: old ones, seals, chat messages and wraps, and what is encrypted or read for an app.

import { count } from "../../policy/duration.ts";
import type { Pubkey } from "../../protocol/keys.ts";
import { parsePubkey } from "../../protocol/keys.ts";
import type { Asked, ComparisonMaterial } from "../material.ts";
import { linksIn } from "../links.ts";
import { personOf, personPiece } from "../people.ts";
import type { Part, Sentence } from "../presentation.ts";
import { quote } from "../quote.ts";
import { BY_THE_APP, peopleSentence, say, valuesOf, type Scene, type Shown } from "../scene.ts";
import { critical, dateOff, hiddenCharacters, warn, type RankedWarning } from "../warning.ts";

/** NIP-59: dates of seals and wraps lie up to two days back, on purpose. */
const TWO_DAYS = 2 * 86_400;
/** A person reads and writes fewer in an hour. */
const MANY_IN_AN_HOUR = 30;

export function oldMessage(scene: Scene): Shown {
  const { event, material } = scene;
  const receivers = valuesOf(event, "p");
  return {
    phrase: "Send a private message",
    wish: "send a private message",
    isPrivate: true,
    parts: [toWhom(receivers, material), ...readText(material), say("Encrypted. The old format shows everyone who writes to whom.")],
    warnings: [...newPeople(receivers, material), ...dateOff(event, material)],
  };
}

/** Where the owners let voters read it; nothing otherwise. */
function readText({ messageText, nickname }: ComparisonMaterial): Part[] {
  if (messageText === undefined) return [];
  return [{ part: "quote", label: "What it says, written by the app; only those who vote see it", text: quote(messageText, nickname) }];
}

export function seal(scene: Scene): Shown {
  const { event, material } = scene;
  const receiver = material.receiverOf(event.content);
  const tags = event.tags.length;
  const warnings: RankedWarning[] = [
    ...(receiver === undefined ? [] : newPeople([receiver], material)),
    ...dateOff(event, material, TWO_DAYS),
  ];
  if (tags > 0) {
    const consequence = "A seal must have none: what stands there can be read by whoever opens the outer wrap.";
    warnings.push(
      warn(
        "loss",
        `seal-tags-${tags}`,
        [`The seal carries ${count(tags, "tag")}.`],
        consequence,
        "Reject it and tell whoever runs the app.",
      ),
    );
  }
  return {
    phrase: "Send a private message",
    wish: "send a private message",
    isPrivate: true,
    parts: [
      ...(receiver === undefined ? [] : [toWhom([receiver], material)]),
      say("The message is inside, encrypted.", ...(receiver === undefined ? [" To whom it goes cannot be told."] : [])),
    ],
    warnings,
  };
}

export function chatMessage(scene: Scene): Shown {
  const { event, material, bunker } = scene;
  const links = linksIn(event.content);
  const fact = `Such messages are normally never signed. A signature proves to anyone that ${bunker} wrote it.`;
  return {
    phrase: "Sign a chat message",
    wish: "sign a chat message",
    isPrivate: true,
    parts: [
      event.content === ""
        ? say("No text: this message is empty.")
        : { part: "quote", label: BY_THE_APP, text: quote(event.content, (key) => material.nickname(key)) },
      ...(links.links.length === 0 ? [] : [{ part: "links" as const, links: links.links }]),
      toWhom(valuesOf(event, "p"), material),
    ],
    warnings: [
      critical(
        "signed-chat",
        `a signature proves to anyone that ${bunker} wrote this`,
        [fact],
        NO_DENYING,
        "Reject it: the app should seal the message instead.",
      ),
      ...links.warnings,
      ...hiddenCharacters(quote(event.content)),
      ...newPeople(valuesOf(event, "p"), material),
    ],
  };
}

const NO_DENYING = "Whoever gets hold of it can show it around, and it cannot be denied.";

export function giftWrap(scene: Scene): Shown {
  const { event, material } = scene;
  const fact = "Normally signed by a throw-away key. With this key it reveals the sender.";
  const consequence = "Everybody can see who writes to whom, which the wrap is there to hide.";
  return {
    phrase: "Sign a gift wrap",
    wish: "sign a gift wrap",
    isPrivate: true,
    parts: [toWhom(valuesOf(event, "p"), material), say("The message is inside, encrypted.")],
    warnings: [critical("wrap-reveals-sender", "this reveals the sender", [fact], consequence, "Reject it and tell whoever runs the app.")],
  };
}

type Conversation = Exclude<Asked, { method: "sign_event" }>;

export function conversation(asked: Conversation, material: ComparisonMaterial, app: string): Shown {
  const { method, counterparty, characters } = asked;
  const isReading = method === "nip04_decrypt" || method === "nip44_decrypt";
  const isSelf = counterparty === material.user;
  const name = isSelf ? "itself" : (personOf(counterparty, (key) => material.nickname(key))?.short ?? "somebody");
  const size = `${count(characters, "character")}${isReading ? ", encrypted" : ""}`;
  const who: Sentence = isSelf ? ["this identity itself"] : [personPiece(counterparty, (key) => material.nickname(key))];
  return {
    phrase: isReading ? `Read a message from ${name}` : `Encrypt for ${name}`,
    wish: isReading ? "read a private message" : "send a private message",
    isPrivate: true,
    parts: [
      {
        part: "facts",
        rows: [
          { label: isReading ? "From" : "For", value: who },
          { label: "Length", value: [size] },
        ],
      },
      say(
        isReading
          ? `${app} receives the readable text.`
          : `${app} receives the encrypted text. What it says is not kept, so it cannot be shown.`,
      ),
      ...(isSelf ? [say("Apps keep drafts and private lists this way.")] : []),
    ],
    warnings: [...(isSelf ? [] : newPeople([counterparty], material)), ...many(material, isReading, app)],
  };
}

function toWhom(receivers: readonly string[], material: ComparisonMaterial): Part {
  const value: Sentence = receivers.length === 0 ? ["nobody is named"] : peopleSentence(receivers, material, 20);
  return { part: "facts", rows: [{ label: "To", value }] };
}

function newPeople(pubkeys: readonly string[], material: ComparisonMaterial): RankedWarning[] {
  const known = pubkeys.flatMap((pubkey) => parsePubkey(pubkey) ?? []);
  const strangers = known.filter((pubkey: Pubkey) => !material.isFamiliar(`person/${pubkey}`));
  const [first] = strangers;
  if (first === undefined) return [];
  const fact: Sentence = ["First conversation with ", ...peopleSentence(strangers, material, 3), " through this bunker."];
  return [
    warn("new", `new-person-${first.slice(0, 16)}`, fact, "Nothing here tells who that is.", "Approve it only if you know that key."),
  ];
}

function many(material: ComparisonMaterial, isReading: boolean, app: string): RankedWarning[] {
  const before = material.conversationsInHour();
  if (before < MANY_IN_AN_HOUR) return [];
  const fact = `${app} had ${before} messages encrypted or read in the past hour.`;
  const consequence = isReading ? "That is how a whole mailbox is copied." : "That is how advertising is sent.";
  return [warn("loss", `many-messages-${before}`, [fact], consequence, "Suspend the app if it should not need that many.")];
}
