// What people read before they decide, in one order on every page: who asks, the thing itself, why, what to look out for, the votes so far.

import type { ApprovalView, VoterView } from "../../../durable-objects/approvals-rpc.ts";
import { EventParts, Warnings } from "../parts/event/event.tsx";
import { Icon, type IconName } from "../parts/icons.tsx";
import { agoWords, clock, clockWithZone, leftWords, needOf, shortNames, voteWords, type Reading } from "./words.ts";

export interface RequestProps {
  readonly approval: ApprovalView;
  readonly reading: Reading;
  /** Where the whole text is, when a long one is folded here. */
  readonly fullView?: string | undefined;
  /** Its place where a page has several. */
  readonly number?: number;
}

export function RequestView({ approval, reading, fullView, number }: RequestProps) {
  const { presentation } = approval;
  return (
    <>
      <Asks approval={approval} reading={reading} />
      {presentation === null ? (
        <p>What was asked for is not kept any more: it is wiped 30 days after the decision.</p>
      ) : (
        <EventParts presentation={presentation} fullView={fullView} />
      )}
      <p class="told">
        <Icon name="clock" class="mark ask" />
        <span>
          <b>Why you are asked.</b> {approval.why}
        </span>
      </p>
      {approval.duplicateOf !== null && (
        <p class="told">
          <Icon name="triangle" class="mark ask" />
          <span>
            <b>Asked before.</b> The same request but for its date was approved at {clock(approval.duplicateOf.approvedAt, reading)}.
          </span>
        </p>
      )}
      {presentation !== null && <Warnings warnings={presentation.warnings} />}
      <Votes approval={approval} reading={reading} number={number} />
    </>
  );
}

function Asks({ approval: { connection, askedAt, expiresAt, asks, state, veto }, reading }: RequestProps) {
  const isOpen = state === "pending";
  return (
    <p class="asks">
      The app <b>{connection.name}</b> asks. {capital(agoWords(askedAt, reading.now))}
      {isOpen && (
        <>
          ; <b>{leftWords(expiresAt, reading.now)}</b> (until {clockWithZone(expiresAt, reading).replace(/\((.+)\)$/, "$1")})
        </>
      )}
      .{asks > 1 && ` It asked ${asks} times.`}
      {isOpen && veto !== null && veto.signsAt !== null && (
        <>
          {" "}
          <b>Signed by itself at {clock(veto.signsAt, reading)} unless somebody rejects.</b>
        </>
      )}
      {isOpen && veto !== null && veto.state === "paused" && " While the bunker is locked it is not signed by itself."}
      {isOpen &&
        veto !== null &&
        veto.state === "not-begun" &&
        " It is signed by itself some time after enough people have heard of it, unless somebody rejects."}
    </p>
  );
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const SIGNS: Readonly<Record<VoterView["state"], readonly [IconName, string, string]>> = {
  approved: ["tick-circle", "yes", "approved"],
  rejected: ["crossed-circle", "no", "rejected"],
  waiting: ["clock", "ask", "may still vote"],
  again: ["clock", "ask", "asked again"],
  gone: ["crossed-circle", "off", "does not count"],
};

function Votes({ approval, reading, number }: Omit<RequestProps, "number"> & { number: number | undefined }) {
  const { voters, asking, you } = approval;
  const names = shortNames(voters.map(({ email }) => email));
  const { need, votes } = needOf(approval);
  return (
    <section class="votes" aria-label={number === undefined ? "Votes" : `Votes on number ${number}`}>
      <p>
        <b>
          Votes: {votes} of {need}.
        </b>
        {asking.length > 1 && asking.map(({ rule, need, votes }) => ` Rule “${rule}”: ${votes} of ${need}.`)}
      </p>
      <ul>
        {voters.map((voter) => (
          <li>
            <Icon name={SIGNS[voter.state][0]} class={`mark ${SIGNS[voter.state][1]}`} />
            <span title={voter.email}>
              {voter.email === you?.email ? "you" : names(voter.email)} {voteWords(voter, reading)}
              {voter.state === "waiting" && <span class="hidden-words">{SIGNS.waiting[2]}</span>}
            </span>
            {voter.reason !== null && voter.reason !== "" && (
              <span class="reason">
                “<bdi class="own-words">{voter.reason}</bdi>”
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
