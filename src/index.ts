// The Worker: the web app, and the classes of its Durable Objects.

import { app } from "./app.ts";

export { Bunker } from "../durable-objects/bunker.ts";
export { Instance } from "../durable-objects/instance.ts";

export default { fetch: app.fetch };
