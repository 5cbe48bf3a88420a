// The document as JSON, beside the fields: one document, and the side that was typed in last is the one that counts.

import { Do } from "./controls.tsx";
import type { EditorData } from "./editor-data.ts";

export function JsonSide({ page }: { page: EditorData }) {
  const { text, problem, setAside } = page.json;
  const lines = text.split("\n").length;
  return (
    <section class="json-side" aria-labelledby="json-label">
      <div class="side-head">
        <h2>
          <label for="json" id="json-label">
            The same as JSON
          </label>
        </h2>
        <a href="/api/v1/policy.schema.json">Schema</a>
      </div>
      <div data-live="json-problem" role="status">
        {problem !== undefined && (
          <p class="error" id="json-error">
            {problem}
          </p>
        )}
      </div>
      {/* The first line break of a text area is not part of it. */}
      <textarea
        id="json"
        name="json"
        class="code"
        rows={Math.min(40, Math.max(16, lines + 1))}
        spellcheck={false}
        autocapitalize="none"
        autocomplete="off"
        aria-describedby="json-error json-hint"
        {...(problem !== undefined && { "aria-invalid": "true" as const })}
      >{`\n${text}`}</textarea>
      <p class="hint" id="json-hint">
        Change either side: the other follows. A field that nobody knows is an error and is never dropped.
      </p>
      <p class="actions no-script-only">
        <Do page={page} action="use-json" class="secondary">
          Use the JSON
        </Do>
      </p>
      <div data-live="json-aside">
        {setAside !== undefined && (
          <div class="notice ask">
            <h3>What you had typed as JSON</h3>
            <p>The fields were changed after it, and count. Nothing of it is lost:</p>
            <textarea name="json-aside" aria-label="What you had typed as JSON" class="code" rows={6} readonly>{`\n${setAside}`}</textarea>
            <Do page={page} action="restore-json">
              Bring it back
            </Do>
          </div>
        )}
      </div>
    </section>
  );
}
