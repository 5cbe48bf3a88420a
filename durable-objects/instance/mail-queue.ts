// Every mail that this deployment has on its way, or had this week: asked of the accounts and bunkers that hold them, some at a time. What
// they say never holds a word of a mail.

import { logError } from "../../src/log.ts";
import type { MailQueuePage, QueuedMail } from "../instance-rpc.ts";
import type { MailView } from "../mail-view.ts";
import type { InstanceContext } from "./context.ts";

/** Objects that one page wakes. */
const PAGE = 40;

interface Holder extends Record<string, SqlStorageValue> {
  /** "a:<account>" or "b:<bunker>", so that one order goes through both. */
  readonly place: string;
  readonly id: string;
  /** Of a bunker; null of an account. */
  readonly name: string | null;
}

const HOLDERS = `
  SELECT 'a:' || id AS place, id, NULL AS name FROM accounts
  UNION ALL SELECT 'b:' || id, id, name FROM bunkers WHERE state = 'ready'`;

/** What waits first, then newest first. */
export async function listMails(context: InstanceContext, sql: SqlStorage, cursor: string): Promise<MailQueuePage> {
  const rows = sql.exec<Holder>(`SELECT * FROM (${HOLDERS}) WHERE place > ? ORDER BY place LIMIT ?`, cursor, PAGE + 1).toArray();
  const holders = rows.slice(0, PAGE);
  const answers = await Promise.all(holders.map((holder) => mailsOf(context, holder)));
  const items = answers.flatMap((mails) => mails ?? []);
  return {
    items: items.toSorted((a, b) => rank(a) - rank(b) || b.queuedAt - a.queuedAt),
    unreached: answers.filter((mails) => mails === undefined).length,
    next: rows.length > PAGE ? (holders.at(-1)?.place ?? null) : null,
  };
}

async function mailsOf({ bunker, account }: InstanceContext, { place, id, name }: Holder): Promise<QueuedMail[] | undefined> {
  try {
    const mails = await (place.startsWith("a:") ? account(id) : bunker(id)).mails();
    return mails.map(({ to, topic, state, reason, queuedAt, nextTryAt }: MailView) => ({
      to,
      // An approval's own id is of no use here.
      topic: topic.split(":")[0] ?? topic,
      state,
      reason,
      queuedAt,
      nextTryAt,
      bunker: name === null ? null : { id, name },
    }));
  } catch (error) {
    logError("instance", { where: "mails", error });
    return undefined;
  }
}

function rank({ state }: QueuedMail): number {
  return state === "sent" ? 1 : 0;
}
