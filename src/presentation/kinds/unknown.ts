// Every other kind: its parts as they are, and plainly said that nobody here can tell what apps make of them.

import { isNamedKind, oneOfKind } from "../../policy/kind-names.ts";
import { isAddressable, isEncryptedKind, isReplaceable } from "../../policy/kinds.ts";
import { linksIn } from "../links.ts";
import type { Part, Sentence } from "../presentation.ts";
import { line, quote } from "../quote.ts";
import { firstValue, identifierOf, say, shortened, type Scene, type Shown } from "../scene.ts";
import { critical, dateOff, hiddenCharacters, olderThanLast, warn, type RankedWarning } from "../warning.ts";
import { firstLinks } from "./note.ts";

const MAX_TAG_VALUE = 100;
const MAX_DESCRIPTION = 500;

export function unknown(scene: Scene): Shown {
  const { event, material, bunker } = scene;
  const isEncrypted = isEncryptedKind(event.kind);
  const links = isEncrypted ? { links: [], hosts: [], warnings: [] } : linksIn(event.content);
  const last = isReplaceable(event.kind) || isAddressable(event.kind) ? material.latest(event.kind, identifierOf(event)) : undefined;
  const description = firstValue(event, "alt") ?? "";
  return {
    phrase: "Sign something unknown",
    wish: `sign something unknown (kind ${event.kind})`,
    ...(isEncrypted && { isPrivate: true }),
    parts: [
      {
        part: "facts",
        rows: [
          { label: "Kind", value: [isNamedKind(event.kind) ? `${event.kind}, ${oneOfKind(event.kind)}` : String(event.kind)] },
          { label: "On relays", value: [keeping(scene)] },
        ],
      },
      ...(description === ""
        ? []
        : [{ part: "quote" as const, label: "Description, written by the app", text: quote(description.slice(0, MAX_DESCRIPTION)) }]),
      ...content(scene, isEncrypted),
      ...(links.links.length === 0 ? [] : [{ part: "links" as const, links: links.links }]),
      ...tagTable(scene),
    ],
    warnings: [
      critical(
        `unknown-${event.kind}`,
        "Countersign cannot say what apps will make of this",
        ["Countersign cannot say what apps will make of this."],
        `It carries the signature of ${bunker} all the same.`,
        "Approve it only if whoever runs the app can tell you.",
      ),
      ...olderThanLast(event, last, "version", false),
      ...links.warnings,
      ...(isEncrypted ? [] : hiddenCharacters(quote(event.content))),
      ...firstOfKind(scene),
      ...firstLinks(links.hosts, scene),
      ...dateOff(event, material),
    ],
  };
}

/** NIP-01: what relays do with a kind follows from its number. */
function keeping({ event, material }: Scene): string {
  const { kind } = event;
  if (kind >= 20_000 && kind < 30_000) return "not stored by relays";
  if (!isReplaceable(kind) && !isAddressable(kind)) return "stays";
  const before = material.latest(kind, identifierOf(event)) === undefined ? "" : ", and one was signed here";
  return isReplaceable(kind) ? `replaces an earlier one of its kind${before}` : `replaces an earlier one of its name${before}`;
}

function content({ event }: Scene, isEncrypted: boolean): Part[] {
  if (event.content === "") return [say("No text.")];
  if (isEncrypted) return [say("What it says is encrypted.")];
  return [{ part: "quote", label: "Written by the app", text: quote(event.content) }];
}

function tagTable({ event }: Scene): Part[] {
  if (event.tags.length === 0) return [say("No tags.")];
  const { items, more } = shortened(event.tags);
  return [{ part: "tags", rows: items.map((tag) => tag.map((value) => line(value, MAX_TAG_VALUE))), more }];
}

function firstOfKind({ event, material }: Scene): RankedWarning[] {
  if (material.isFamiliar(`kind/${event.kind}`)) return [];
  const fact: Sentence = ["First time that this kind is signed here."];
  return [warn("new", `first-kind-${event.kind}`, fact, "No earlier one shows what to expect.", "Ask what it is for.")];
}
