// `/account/instance/mails`: who was written to this week, about what, and what became of it. Never a word of any mail.

import type { MailQueuePage as Mails, QueuedMail } from "../../durable-objects/instance-rpc.ts";
import { Notice, PageForm } from "./forms.tsx";
import { Layout, type FramePerson } from "./layout.tsx";
import { BackLink } from "./parts/back-link.tsx";
import { Empty } from "./parts/empty.tsx";
import { Pill } from "./parts/pill.tsx";
import { Table } from "./parts/table.tsx";
import { Time } from "./parts/time.tsx";

export interface MailQueueData {
  readonly person: FramePerson;
  readonly mails: Mails;
  readonly mailTrouble: string | undefined;
  readonly zone: string | undefined;
  readonly done?: string | undefined;
}

export function MailQueuePage({ person, mails, mailTrouble, zone, done }: MailQueueData) {
  const { items, unreached, next } = mails;
  return (
    <Layout title="Everybody's mails · Countersign" person={person} wide>
      <BackLink href="/account/instance" label="This Countersign" />
      <h1>Everybody's mails</h1>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      <p>
        The mails of the past week, those that wait or failed first. What a mail said is not shown here or anywhere: it holds links and
        codes that are one person's alone.
      </p>
      {mailTrouble !== undefined && (
        <Notice tone="ask" title="Mail is not set up">
          <p>{mailTrouble}</p>
        </Notice>
      )}
      {unreached > 0 && (
        <Notice tone="ask">
          <p>
            {unreached === 1 ? "1 account or bunker" : `${unreached} accounts or bunkers`} did not answer, so some mails are missing here.{" "}
            <a href="/account/instance/mails">Try again</a>
          </p>
        </Notice>
      )}
      {items.length === 0 ? (
        <Empty title="No mail this week">
          <p>Whoever signs in by mail, is invited or is asked for a vote appears here.</p>
        </Empty>
      ) : (
        <Table
          caption="Mails"
          rows={items}
          columns={[
            { title: "To", heads: true, onTop: true, cell: ({ to }) => to ?? "an address that does not open" },
            { title: "State", onTop: true, cell: (mail) => <State mail={mail} /> },
            { title: "About", cell: (mail) => <About mail={mail} /> },
            { title: "Written", cell: ({ queuedAt }) => <Time at={queuedAt} zone={zone} /> },
            { title: "Why", cell: (mail) => <Why mail={mail} zone={zone} /> },
          ]}
        />
      )}
      {next !== null && (
        <p>
          <a class="button secondary" href={`/account/instance/mails?after=${encodeURIComponent(next)}`}>
            More people and bunkers
          </a>
        </p>
      )}
      <h2 id="mail">Does mail arrive?</h2>
      <TestMailForm formToken={person.formToken} back="/account/instance/mails" />
    </Layout>
  );
}

export function TestMailForm({ formToken, back }: { formToken: string; back: string }) {
  return (
    <PageForm action="/account/instance/test-mail" formToken={formToken}>
      <input type="hidden" name="back" value={back} />
      <button class="secondary">Send a test to me</button>
    </PageForm>
  );
}

export const STATE_WORDS = { queued: "waiting", sent: "sent", failed: "not sent" } as const satisfies Record<QueuedMail["state"], string>;

const TOPIC_WORDS: Readonly<Record<string, string>> = {
  "sign-in": "Link to sign in",
  "step-up": "Code to confirm",
  "way-in": "A way to sign in changed",
  "second-owner": "A second owner is asked",
  "owner-removal": "An owner is removed",
  "member-change": "A change of the team",
  invitation: "Invitation",
  nomination: "An owner is named",
  test: "Test",
  approval: "A request",
  approvals: "Several requests",
  apps: "An app waits",
  safety: "Something was stopped",
  deletion: "A bunker is deleted",
  export: "A key is to be taken out",
  exported: "A key was taken out",
  restored: "A bunker was restored",
};

export function topicWords(topic: string): string {
  return TOPIC_WORDS[topic] ?? topic;
}

function State({ mail: { state } }: { mail: QueuedMail }) {
  switch (state) {
    case "queued":
      return <Pill status="waiting" />;
    case "sent":
      return <Pill status="ready">Sent</Pill>;
    case "failed":
      return <Pill status="failed">Not sent</Pill>;
  }
}

function About({ mail: { topic, bunker } }: { mail: QueuedMail }) {
  return (
    <>
      {topicWords(topic)}
      {bunker !== null && (
        <>
          , <a href={`/b/${bunker.id}`}>{bunker.name}</a>
        </>
      )}
    </>
  );
}

function Why({ mail: { reason, nextTryAt }, zone }: { mail: QueuedMail; zone: string | undefined }) {
  return (
    <>
      {reason ?? ""}
      {nextTryAt !== null && (
        <>
          {reason === null ? "Next try " : "; next try "}
          <Time at={nextTryAt} zone={zone} />
        </>
      )}
    </>
  );
}
