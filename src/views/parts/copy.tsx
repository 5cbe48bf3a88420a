// Text to take along, with a button that copies it. Without script the button is not there, and the text can be selected.

export function CopyButton({ text, label, small = true }: { text: string; label: string; small?: boolean }) {
  return (
    <button type="button" class={`copy secondary${small ? " small" : ""}`} data-copy={text} aria-label={label} hidden>
      Copy
    </button>
  );
}

/** `label` names what is copied: "Copy the public key". */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div class="copyable">
      <code>{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

/** A key in short: its first eight and last six characters. */
export function ShortKey({ text, label }: { text: string; label: string }) {
  return (
    <span class="key">
      <span title={text}>{shortKey(text)}</span>
      <CopyButton text={text} label={label} />
    </span>
  );
}

export function shortKey(text: string): string {
  return text.length > 20 ? `${text.slice(0, 8)}…${text.slice(-6)}` : text;
}
