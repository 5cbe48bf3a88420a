// Sentences and quoted text as markup. Theirs stands in elements of its own, isolated; what nobody could see stands in a box with its name.

import type { Host, Person, Piece, Segment, Sentence } from "../../../presentation/presentation.ts";
import { CopyButton } from "../copy.tsx";

export function Segments({ of }: { of: readonly Segment[] }) {
  return (
    <>
      {of.map((segment) => (
        <SegmentView segment={segment} />
      ))}
    </>
  );
}

function SegmentView({ segment }: { segment: Segment }) {
  switch (segment.is) {
    case "text":
      return <>{segment.text}</>;
    case "chip":
      return <span class="chip">{segment.name}</span>;
    case "mention":
      return (
        <bdi class="mention" title={segment.person.npub}>
          @{segment.person.short}
          {segment.person.nickname !== undefined && <Nickname name={segment.person.nickname} />}
        </bdi>
      );
    case "reference":
      return <bdi class="mention">{segment.short}</bdi>;
  }
}

/** A name that a member gave, and said to be one: nobody else's word for a key is ever shown. */
function Nickname({ name }: { name: string }) {
  return (
    <span class="nickname" title="Name given by a member of your team">
      {name}
      <span class="hidden-words">, named by a member,</span>
    </span>
  );
}

export function Words({ of }: { of: Sentence }) {
  return (
    <>
      {of.map((piece) => (
        <PieceView piece={piece} />
      ))}
    </>
  );
}

function PieceView({ piece }: { piece: Piece }) {
  if (typeof piece === "string") return <>{piece}</>;
  switch (piece.is) {
    case "said":
      return (
        <span class="said">
          “
          <bdi>
            <Segments of={piece.segments} />
          </bdi>
          ”
        </span>
      );
    case "person":
      return <PersonView person={piece.person} />;
    case "host":
      return <HostView host={piece.host} />;
    case "code":
      return <code>{piece.text}</code>;
  }
}

function PersonView({ person: { npub, short, nickname } }: { person: Person }) {
  return (
    <span class="person">
      {nickname !== undefined && <Nickname name={nickname} />}
      <code title={npub}>{short}</code>
      <CopyButton text={npub} label={`Copy the key ${short}`} />
    </span>
  );
}

export function HostView({ host: { name, displays } }: { host: Host }) {
  return (
    <>
      <b class="host">{name}</b>
      {displays !== undefined && (
        <span class="displays">
          {" "}
          (displays as “
          <bdi>
            <Segments of={displays.as} />
          </bdi>
          ”, {displays.alphabets})
        </span>
      )}
    </>
  );
}
