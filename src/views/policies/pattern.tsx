// A pattern, and a box to try a text in, with what matches marked.

import { valueOf } from "../../policy/form/form.ts";
import type { TriedText } from "../../policy/pattern.ts";
import { Do, TextField, type TextProps } from "./controls.tsx";

export function Pattern(props: TextProps) {
  const { page, id } = props;
  const text = valueOf(page.fields, `${id}.try`);
  const tried = page.tried.get(id);
  return (
    <>
      <TextField {...props} class="code wide" />
      <div class="field try">
        <label for={`${id}.try`}>Try a text</label>
        <textarea id={`${id}.try`} name={`${id}.try`} rows={2}>{`\n${text}`}</textarea>
        <div data-live={`${id}-tried`} role="status">
          {tried !== undefined && text !== "" && <Tried tried={tried} />}
        </div>
        <Do page={page} action="try-text" at={`${id}.try`}>
          Try it
        </Do>
      </div>
    </>
  );
}

function Tried({ tried: { pieces, matches, onlyVisible } }: { tried: TriedText }) {
  return (
    <>
      <p class="meta">
        {matches === 0 ? "It does not match." : matches === 1 ? "It matches once." : `It matches ${matches} times.`}
        {onlyVisible && " Only once invisible characters are taken away, as policies do."}
      </p>
      <p class="tried">{pieces.map(({ text, isMatch }) => (isMatch ? <mark>{text}</mark> : text))}</p>
    </>
  );
}
