// The first page: what this is, what is still missing, and how to go on.

import { Notice } from "./forms.tsx";
import { Layout } from "./layout.tsx";

export interface FirstPageData {
  readonly host: string;
  /** Where the API is, for commands to be copied. */
  readonly apiUrl: string;
  readonly isClaimed: boolean;
  readonly problems: readonly { readonly message: string; readonly command: string | null }[];
}

export function FirstPage({ host, apiUrl, isClaimed, problems }: FirstPageData) {
  return (
    <Layout title={`Countersign · ${host}`}>
      <h1>A remote signer for Nostr</h1>
      <p>
        Countersign keeps Nostr keys and signs for apps that are connected to it. An app never sees the key. Every request meets a policy:
        what is allowed is signed at once, what is denied is refused, and everything is on record.
      </p>
      {problems.length === 0 && <ComeIn isClaimed={isClaimed} />}
      {problems.length > 0 ? <Problems problems={problems} /> : <NextSteps apiUrl={apiUrl} />}
      <h2>More</h2>
      <ul>
        <li>
          <a href="/api/docs">The API, for scripts</a> (<a href="/api/v1/openapi.json">as OpenAPI</a>, for programs that read it)
        </li>
        <li>
          <a href="/healthz">Does it run well?</a>
        </li>
      </ul>
    </Layout>
  );
}

function ComeIn({ isClaimed }: { isClaimed: boolean }) {
  if (!isClaimed) {
    return (
      <Notice tone="ask" title="Nobody owns this Countersign yet">
        <p>
          <a href="/claim">Claim it</a> with the claim code that the start or deploy command printed.
        </p>
      </Notice>
    );
  }
  return (
    <p>
      <a class="button" href="/sign-in">
        Sign in
      </a>
    </p>
  );
}

function Problems({ problems }: Pick<FirstPageData, "problems">) {
  return (
    <section class="warning">
      <h2>Something is missing</h2>
      <p>Until it is there, nothing is created or opened here.</p>
      {problems.map(({ message, command }) => (
        <>
          <p>
            {message}.{command !== null && " Put it right with:"}
          </p>
          {command !== null && (
            <pre>
              <code>{command}</code>
            </pre>
          )}
        </>
      ))}
    </section>
  );
}

function NextSteps({ apiUrl }: Pick<FirstPageData, "apiUrl">) {
  return (
    <section>
      <h2>A first connect link</h2>
      <p>
        Whoever holds <code>SETUP_TOKEN</code> makes a bunker, which keeps one Nostr identity:
      </p>
      <pre>
        <code>{`curl ${apiUrl}/bunkers -H "Authorization: Bearer $SETUP_TOKEN" -d '{"name":"my bunker"}'`}</code>
      </pre>
      <p>
        and then, with the <code>id</code> of the answer, a connect link for one app:
      </p>
      <pre>
        <code>{`curl ${apiUrl}/bunkers/$ID/invites -H "Authorization: Bearer $SETUP_TOKEN" -d '{"name":"my app","policy":"bot-notes"}'`}</code>
      </pre>
      <p>
        Give the <code>bunkerUrl</code> to the app. It works once: treat it like a password.
      </p>
    </section>
  );
}
