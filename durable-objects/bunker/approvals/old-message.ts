// What an old private message (kind 4) says, for whoever votes on it, where the owners let them read it. It is decrypted for that one page
// and kept nowhere. Only what this bunker encrypted itself, for that app and that receiver: whoever runs an app could otherwise have any
// message that the identity ever sent or got shown to a voter, by asking to sign it as one of its own.

import { isLocked } from "../bunker-row.ts";
import type { BunkerContext } from "../context.ts";
import { encryptedHere } from "../comparison.ts";
import { parsePubkey, type Pubkey } from "../../../src/protocol/keys.ts";
import { nip04Decrypt } from "../../../src/protocol/user-cipher.ts";
import { whyNoVote } from "../../../src/signer/approval.ts";
import type { Approval } from "./approval-table.ts";
import type { Viewer } from "./views.ts";
import { isOver } from "./voting.ts";

const OLD_MESSAGE_KIND = 4;

/** Undefined where it is not to be shown, or cannot be. Opens the user's key: never for a mailed link, which scanners follow. */
export async function readOldMessage(context: BunkerContext, approval: Approval, viewer: Viewer): Promise<string | undefined> {
  const { store } = context;
  if (readable(context, approval, viewer) === undefined) return undefined;
  try {
    await store.keys.openUserKey();
  } catch {
    // The key service does not answer: the page is shown without it.
    return undefined;
  }
  const now = Date.now();
  // As things stand now: it may have been decided, or the bunker locked, while the key was opened.
  const message = readable(context, approval, viewer);
  if (message === undefined || viewer === null || !store.keys.isUserKeyOpen(now)) return undefined;
  const read = store.keys.useUserKey(now, (userSecretKey) => nip04Decrypt(userSecretKey, message.receiver, message.ciphertext));
  if (!read.ok) return undefined;
  noteRead(context, approval, viewer, now);
  return read.value;
}

interface Message {
  readonly receiver: Pubkey;
  readonly ciphertext: string;
}

function readable({ store }: BunkerContext, { id }: Approval, viewer: Viewer): Message | undefined {
  const { settings } = store.bunker.read();
  const approval = store.approvals.byId(id);
  if (!settings.readsOldMessages || isLocked(store.bunker.read()) || approval === undefined || isOver(approval, Date.now()))
    return undefined;
  if (viewer === null || viewer.link !== null) return undefined;
  const { askings, requester } = approval;
  if (whyNoVote(viewer.person, { askings, requester: requester ?? undefined }) !== undefined) return undefined;
  const question = store.approvals.payload(approval)?.question;
  if (question?.method !== "sign_event" || question.event.kind !== OLD_MESSAGE_KIND) return undefined;
  const { content, tags } = question.event;
  const receiver = parsePubkey(tags.find(([name]) => name === "p")?.[1]);
  const made = encryptedHere(store, content);
  if (receiver === undefined || made?.receiver !== receiver || made.connection !== approval.connectionId) return undefined;
  return { receiver, ciphertext: content };
}

/** Once for each person: the key was used for no request of an app, and whoever reads the activity shall see that. */
function noteRead({ store }: BunkerContext, approval: Approval, viewer: NonNullable<Viewer>, now: number): void {
  const { accountId, email } = viewer.person;
  const notice = store.notices.one(approval.id, accountId);
  if (notice === undefined || notice.readAt !== null) return;
  store.transaction(() => {
    store.notices.put({ ...notice, readAt: now });
    store.activity.append(
      {
        actor: `person:${accountId}`,
        method: "approval.read",
        connection: approval.connectionId,
        effect: "allow",
        rules: [],
        explanation: `${email} was shown what an old private message says, to vote on it.`,
        facts: { approval: approval.id },
      },
      now,
    );
  });
}
