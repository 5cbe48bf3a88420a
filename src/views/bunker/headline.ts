// What an entry is about in a few words of ours. No word of an app is in it: kinds and methods are named from closed lists.

import type { ActivityRow } from "../../../durable-objects/insight-rpc.ts";
import { oneOfKind } from "../../policy/kind-names.ts";

const ACTS: Readonly<Record<string, string>> = {
  connect: "Connect",
  ping: "Ask whether anybody is there",
  get_public_key: "Ask for the public key",
  switch_relays: "Ask for its relays",
  logout: "End its connection",
  nip04_encrypt: "Encrypt a private message in the old format",
  nip44_encrypt: "Encrypt a private message",
  nip04_decrypt: "Read a private message in the old format",
  nip44_decrypt: "Read a private message",
  refusals: "Several refused requests",
  "bunker.create": "Bunker made",
  "bunker.lock": "Bunker locked",
  "bunker.unlock": "Bunker unlocked",
  "bunker.restore": "Bunker restored from a backup",
  "bunker.delete": "Bunker deleted",
  "bunker.undelete": "Bunker brought back",
  "bunker.reseal": "Key sealed anew",
  "bunker.settings": "Settings changed",
  "key.export": "Key exported",
  "key.backup": "Backup made",
  "key.announce": "Export of the key announced",
  "key.cancel": "Export of the key cancelled",
  "instance.lock": "Everything locked",
  "instance.unlock": "Everything unlocked",
  "bunker.relays": "Relays changed",
  "invite.create": "Connect link made",
  "invite.withdraw": "Connect link withdrawn",
  "connection.create": "App connected",
  "connection.policy": "Policy of an app changed",
  "connection.name": "App renamed",
  "connection.active": "App may ask again",
  "connection.suspended": "App suspended",
  "connection.revoked": "App revoked",
  "connection.expire": "App was not confirmed in time",
  "policy.publish": "Policy published",
  "policy.draft": "Policy draft written",
  "policy.discard": "Policy draft discarded",
  "policy.delete": "Policy deleted",
  "approval.vote": "Vote given",
  "approval.approved": "Approved by people",
  "approval.rejected": "Rejected by a person",
  "approval.expired": "Not decided in time",
  "approval.withdrawn": "Request taken back",
  "approval.failed": "Approved, and could not be done",
  "approval.asked-again": "People asked again",
  "approval.read": "Private message shown to a voter",
  "nickname.give": "Key given a name",
  "nickname.drop": "Name of a key taken away",
  "member.add": "Member added",
  "member.role": "Role of a member changed",
  "member.remove": "Member removed",
  "member.announce": "Change of the team announced",
  "member.cancel": "Change of the team cancelled",
};

export function headlineOf({ method, kind }: Pick<ActivityRow, "method" | "kind">): string {
  if (method === "sign_event") return kind === null ? "Sign something" : `Sign ${oneOfKind(kind)}`;
  return Object.hasOwn(ACTS, method)
    ? (ACTS[method] ?? "")
    : method.includes(".")
      ? "Something that Countersign did"
      : "Something not known here";
}
