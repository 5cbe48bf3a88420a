// The Worker: the web app, its cron, and the classes of its Durable Objects.

import { app } from "./app.ts";
import type { Env } from "./env.ts";
import { keepLinks } from "./keep-links.ts";

export { Account } from "../durable-objects/account.ts";
export { Bunker } from "../durable-objects/bunker.ts";
export { Instance } from "../durable-objects/instance.ts";

export default { fetch: app.fetch, scheduled: keepLinks } satisfies ExportedHandler<Env>;
