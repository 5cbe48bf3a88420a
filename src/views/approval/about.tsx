// What the curious may know of a request: which app that is, what it says of itself, which policy asks.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import { shortKey } from "../parts/copy.tsx";
import { OwnName } from "../parts/quote.tsx";

export function About({ approval }: { approval: ApprovalView }) {
  const { connection, presentation } = approval;
  const { metadata } = connection;
  return (
    <details class="fold">
      <summary>About: app key, policy version, what it calls itself</summary>
      <dl class="facts">
        <dt>App key</dt>
        <dd>
          <code title={connection.clientPubkey}>{shortKey(connection.clientPubkey)}</code>
        </dd>
        <dt>Calls itself</dt>
        <dd>
          {metadata?.name === undefined ? (
            "nothing"
          ) : (
            <>
              <OwnName name={metadata.name} />, which anyone can claim
            </>
          )}
        </dd>
        <dt>Policy</dt>
        <dd>
          {connection.policy}
          {connection.policyVersion !== null && `, version ${connection.policyVersion}`}
        </dd>
        <dt>Rules that ask</dt>
        <dd>{approval.rules.join(", ")}</dd>
        <dt>Technically</dt>
        <dd>
          {presentation?.technical ?? approval.method}, fingerprint <code>{approval.fingerprint}</code>
        </dd>
      </dl>
    </details>
  );
}
