// Test files share one process: starting one costs more than most files take. What a file leaves behind does not reach the next one.

import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, vi } from "vitest";
import { forgetInstanceState } from "../../src/routes/instance-state.ts";

afterAll(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
  forgetInstanceState(env);
});
