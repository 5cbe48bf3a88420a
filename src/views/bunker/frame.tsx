// The frame of a bunker's pages: title, head and tabs around what the page shows.

import type { Child } from "hono/jsx";
import { ErrorSummary, Notice, titleOf, type FieldError } from "../forms.tsx";
import { BackLink } from "../parts/back-link.tsx";
import { Layout, type FrameBunker, type FramePerson } from "../layout.tsx";

export interface BunkerPageFrame {
  readonly person: FramePerson;
  readonly bunker: FrameBunker;
  readonly instanceLocked: boolean;
}

export interface BunkerLayoutProps {
  readonly frame: BunkerPageFrame;
  readonly title: string;
  /** Beside the title: the one primary action, or a choice of what is shown. */
  readonly aside?: Child;
  /** A page below a tab: where it belongs. */
  readonly back?: { readonly href: string; readonly label: string };
  readonly narrow?: boolean;
  /** What has just happened, in one sentence. */
  readonly done?: string | undefined;
  readonly errors?: readonly FieldError[];
  readonly script?: { readonly src: string; readonly formToken: string };
  readonly children?: Child;
}

export function BunkerLayout({ frame, title, aside, back, narrow, done, errors = [], script, children }: BunkerLayoutProps) {
  const { person, bunker, instanceLocked } = frame;
  return (
    <Layout
      title={titleOf(`${title} · ${bunker.name}`, errors)}
      person={person}
      bunker={bunker}
      instanceLocked={instanceLocked}
      narrow={narrow === true}
      {...(script !== undefined && { script })}
    >
      <ErrorSummary errors={errors} />
      {back !== undefined && <BackLink {...back} />}
      <div class="page-head">
        <h1>{title}</h1>
        {aside}
      </div>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      {children}
    </Layout>
  );
}
