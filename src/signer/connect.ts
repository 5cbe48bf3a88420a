// Who may connect. Pure: the caller looked everything up in the transaction that will act on the answer.

export interface ConnectAttempt {
  readonly locked: boolean;
  /** State of the connection that this client already has with this remote-signer key, if any. */
  readonly known: "active" | "suspended" | "revoked" | "expired" | "waiting" | undefined;
  /** The invite behind the remote-signer key: undefined where there is none. */
  readonly invite: { readonly open: boolean; readonly secretFits: boolean; readonly confirm: boolean } | undefined;
  /** True when the bunker holds as many connections as it may. */
  readonly full: boolean;
}

export type ConnectVerdict =
  /** A client that is connected already: "ack" again, nothing changes. Apps connect anew at every page load. */
  | { readonly kind: "again" }
  | { readonly kind: "still-waiting" }
  | { readonly kind: "refuse-known"; readonly error: string; readonly explanation: string }
  /** Anybody: nothing is said beyond one sentence, and it is the same for wrong, used and expired secrets. */
  | { readonly kind: "refuse-stranger"; readonly error: string }
  | { readonly kind: "admit"; readonly state: "active" | "waiting" };

const LINK_DOES_NOT_FIT = "not connected: this connect link is wrong, used up or expired";

export function judgeConnect(attempt: ConnectAttempt): ConnectVerdict {
  const { known, invite } = attempt;
  // Revoked stays revoked, whatever secret comes with it: only another invite makes another connection.
  if (known === "revoked" || known === "expired") {
    return { kind: "refuse-known", error: "not connected", explanation: `The connection is ${known}; a new invite is needed.` };
  }
  if (attempt.locked) {
    const error = "temporarily unavailable: this bunker is locked";
    // A locked bunker spends no invite; who holds a good one may know why.
    if (known !== undefined) return { kind: "refuse-known", error, explanation: "The bunker is locked." };
    return { kind: "refuse-stranger", error: invite?.open === true && invite.secretFits ? error : LINK_DOES_NOT_FIT };
  }
  switch (known) {
    case "active":
      return { kind: "again" };
    case "waiting":
      return { kind: "still-waiting" };
    case "suspended":
      return { kind: "refuse-known", error: "denied by policy: this connection is suspended", explanation: "The connection is suspended." };
    case undefined:
      break;
  }
  if (invite === undefined || !invite.secretFits || !invite.open) return { kind: "refuse-stranger", error: LINK_DOES_NOT_FIT };
  if (attempt.full) return { kind: "refuse-stranger", error: "temporarily unavailable: this bunker has no place for another app" };
  return { kind: "admit", state: invite.confirm ? "waiting" : "active" };
}
