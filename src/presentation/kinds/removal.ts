// What takes something away: deletions of posts, and the request to vanish.

import { count } from "../../policy/duration.ts";
import { oneOfKind } from "../../policy/kind-names.ts";
import { normalizeRelayUrl } from "../../protocol/relay-url.ts";
import type { Part, Sentence, Target } from "../presentation.ts";
import { quote } from "../quote.ts";
import { NOT_SIGNED_HERE, readCoordinate, say, shortened, targetsById, valuesOf, type Scene, type Shown } from "../scene.ts";
import { critical, dateOff, warn, type RankedWarning } from "../warning.ts";
import { said } from "../words.ts";

const MANY_DELETIONS = 10;

export function deletion(scene: Scene): Shown {
  const { event, material } = scene;
  const ids = [...new Set(valuesOf(event, "e"))];
  const coordinates = [...new Set(valuesOf(event, "a"))];
  const amount = ids.length + coordinates.length;
  const posts = amount === 0 ? "nothing" : count(amount, "post");
  const shown = shortened(ids);
  const targets = [...targetsById(shown.items, "Post", material), ...shortened(coordinates).items.map((text) => addressed(text, scene))];
  return {
    phrase: `Delete ${posts}`,
    wish: `delete ${posts}`,
    parts: [
      amount === 0
        ? say("It names no post: relays delete nothing.")
        : { part: "targets", title: `To be deleted, ${amount}`, targets, more: amount - targets.length },
      ...reason(event.content),
    ],
    warnings: [
      ...(amount > MANY_DELETIONS ? [manyDeletions(amount)] : []),
      ...(amount === 0 ? [] : [ONLY_A_REQUEST]),
      ...foreign(coordinates, scene),
      ...dateOff(event, material),
    ],
  };
}

/** A post that is replaced under one name: the newest version signed here is what would go. */
function addressed(text: string, { material }: Scene): Target {
  const coordinate = readCoordinate(text);
  if (coordinate === undefined) return { label: ["Something whose name cannot be read: ", said(text, 100)], unknown: NOT_SIGNED_HERE };
  const { kind, pubkey, identifier } = coordinate;
  const label: Sentence = [capital(oneOfKind(kind)), ...(identifier === "" ? [] : [" ", said(identifier)])];
  if (pubkey !== material.user) return { label, unknown: "of somebody else: deleting it has no effect" };
  const latest = material.latest(kind, identifier);
  if (latest === undefined) return { label, unknown: NOT_SIGNED_HERE };
  return latest.content === "" ? { label, unknown: "signed here, without text" } : { label, text: quote(latest.content) };
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function reason(content: string): Part[] {
  return content === "" ? [say("No reason is given.")] : [{ part: "quote", label: "Reason, written by the app", text: quote(content) }];
}

const ONLY_A_REQUEST = warn(
  "unusual",
  "deletion-request",
  ["A request: copies may remain, and it cannot be undone."],
  "Relays and apps may keep what they have, and nobody can bring back what they drop.",
  "Approve it only if these posts shall go.",
);

function manyDeletions(amount: number): RankedWarning {
  const words = `${amount} posts are deleted at once`;
  const consequence = "It cannot be undone.";
  return critical(
    `deletions-${amount}`,
    words,
    [`${capital(words)}.`],
    consequence,
    "Reject it unless somebody of the team wants exactly this.",
  );
}

function foreign(coordinates: readonly string[], { material }: Scene): RankedWarning[] {
  const others = coordinates.filter((text) => {
    const coordinate = readCoordinate(text);
    return coordinate !== undefined && coordinate.pubkey !== material.user;
  }).length;
  if (others === 0) return [];
  const fact = others === 1 ? "1 of them is somebody else's." : `${others} of them are somebody else's.`;
  return [warn("unusual", `foreign-${others}`, [fact], "Deleting those has no effect.", "Ask whoever runs the app what it is for.")];
}

const ALL_RELAYS = "ALL_RELAYS"; // NIP-62

export function vanish(scene: Scene): Shown {
  const { event, bunker } = scene;
  const relays = valuesOf(event, "relay");
  const everywhere = relays.includes(ALL_RELAYS);
  const items = relays.map((address): Sentence => [said(normalizeRelayUrl(address) ?? address, 200)]);
  const where = everywhere ? "ALL relays" : count(relays.length, "relay");
  const { items: listed, more } = shortened(items);
  return {
    phrase: `Erase ${bunker} from relays`,
    namesBunker: true,
    wish: "erase this identity from relays",
    parts: [
      everywhere
        ? say("Addressed to ALL relays that ever see it.")
        : relays.length === 0
          ? say("It names no relay.")
          : { part: "list", title: `Addressed to ${where}`, items: listed, more },
      ...reason(event.content),
    ],
    warnings: [
      critical(
        everywhere ? "vanish-everywhere" : `vanish-${relays.length}`,
        "relays delete everything ever published, and it cannot be undone",
        ["Relays delete everything ever published. It cannot be undone."],
        `Posts, profile and follows of ${bunker} are gone${everywhere ? " from every relay that obeys" : " there"}.`,
        "Reject it unless the whole team wants this identity to end.",
      ),
    ],
  };
}
