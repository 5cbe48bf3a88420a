// One Durable Object that owns an outbox of mails and does what a test tells it. The test owns the clock, so hours pass at once.

import { DurableObject } from "cloudflare:workers";
import { MAIL_OUTBOX_MIGRATION, MailOutbox } from "../../../durable-objects/mail-outbox.ts";
import type { MailView } from "../../../durable-objects/mail-view.ts";
import { migrate } from "../../../durable-objects/migrations.ts";
import { driverOf, mailDriver } from "../../../src/notify/mail-driver.ts";
import type { MailSettings } from "../../../src/notify/mail-driver.ts";
import type { Mail } from "../../../src/notify/message.ts";
import { workerMailPorts } from "../../../src/notify/worker-ports.ts";

interface MailEnv extends MailSettings {
  readonly OWNER: DurableObjectNamespace<MailOwner>;
  readonly PUBLIC_URL: string;
}

export class MailOwner extends DurableObject<MailEnv> {
  readonly #outbox: MailOutbox;

  constructor(ctx: DurableObjectState, env: MailEnv) {
    super(ctx, env);
    migrate(ctx.storage, [MAIL_OUTBOX_MIGRATION]);
    this.#outbox = new MailOutbox({
      sql: ctx.storage.sql,
      ownerId: ctx.id.toString(),
      mailKey: () => new Uint8Array(32).fill(7),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    });
  }

  enqueue(mail: Mail, now: number): boolean {
    return this.#outbox.enqueue(mail, { topic: "test", now });
  }

  async run(settings: MailSettings, now: number): Promise<MailView[]> {
    const print = (text: string) => {
      // oxlint-disable-next-line eslint/no-console -- what the product's wiring does on localhost
      console.log(text);
    };
    const setup = mailDriver({ ...this.env, ...settings }, this.env.PUBLIC_URL, workerMailPorts(print));
    await this.#outbox.runDue(now, driverOf(setup));
    return this.#outbox.list({ limit: 100 });
  }
}

interface Command {
  readonly object: string;
  readonly now: number;
  /** Put in before anything is sent. */
  readonly mails?: readonly Mail[];
  /** Sends what is due, by these settings. */
  readonly run?: MailSettings;
}

export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("ready");
    const { object, now, mails = [], run } = await request.json<Command>();
    const owner = env.OWNER.getByName(object);
    for (const mail of mails) if (!(await owner.enqueue(mail, now))) return new Response("full", { status: 507 });
    return Response.json(run === undefined ? [] : await owner.run(run, now));
  },
} satisfies ExportedHandler<MailEnv>;
