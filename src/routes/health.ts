// Liveness: 503 for faults of the root secret alone. A key service that is down is not our death.

import { Hono } from "hono";
import { sealingView } from "../deployment-sealing.ts";
import type { AppEnv } from "./context.ts";
import { instanceState } from "./instance-state.ts";
import { rootSecretFault } from "./root-secret-gate.ts";

export const health = new Hono<AppEnv>().get("/healthz", async (c) => {
  c.header("Cache-Control", "no-store");
  const problem = await rootSecretFault(c.env);
  if (problem === undefined) {
    const { keyServices } = await instanceState(c.env);
    return c.json({ ok: true, sealing: sealingView(c.env), keyServices }, 200);
  }
  const error = { code: "unavailable", message: problem.message, secret: problem.secret, command: problem.command };
  return c.json({ ok: false, error }, 503);
});
