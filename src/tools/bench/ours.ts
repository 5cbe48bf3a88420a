// Our signer for the bench: a short-lived local instance, with one bunker over its embedded relay and one over an outbound relay.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { apiClient, bodyOf } from "../api-client.ts";
import { startLocalInstance } from "../local-instance.ts";
import { freePort } from "../ports.ts";
import { newRootSecret, newSetupToken } from "../settings.ts";
import { SetupError } from "../setup-error.ts";

/** A link opens within a fraction of a second. */
const LINK_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 100;
/** More clients than the bench ever connects. */
const USES = 100;

export interface OurSigner {
  /** `outbound`: over that relay alone; absent: over the embedded one alone. */
  bunkerUrl(outbound?: string): Promise<string>;
  end(): Promise<void>;
}

export async function startOurs(environment: NodeJS.ProcessEnv): Promise<OurSigner> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const setupToken = newSetupToken();
  const settings = new Map([
    ["ROOT_SECRET", newRootSecret()],
    ["SETUP_TOKEN", setupToken],
    ["ALLOW_INSECURE_RELAYS", "true"],
  ]);
  const output = { line: () => undefined, error: (text: string) => void process.stderr.write(text), colours: false };
  try {
    const instance = await startLocalInstance({ port: await freePort(), stateDir: join(folder, "state"), settings, environment, output });
    if (instance.health.status !== 200) {
      await instance.stop();
      throw new SetupError(`The instance is not ready: ${instance.health.text}`);
    }
    const { bunkers } = apiClient(instance.publicUrl, setupToken);
    return {
      async bunkerUrl(outbound) {
        const { id: bunkerId } = await bodyOf(bunkers.$post({ json: { name: "bench" } }), 201);
        const param = { bunkerId };
        const relays = outbound === undefined ? "embedded" : "outbound";
        if (outbound !== undefined) await bodyOf(bunkers[":bunkerId"].relays.$put({ param, json: { relays: [outbound] } }), 200);
        const json = { name: "bench", policy: "full-access", uses: USES, relays } as const;
        const { bunkerUrl } = await bodyOf(bunkers[":bunkerId"].invites.$post({ param, json }), 201);
        // A link is for somebody: it opens once there is an invite.
        if (outbound !== undefined) await untilOpen(async () => (await bodyOf(bunkers[":bunkerId"].$get({ param }), 200)).relays, outbound);
        return bunkerUrl;
      },
      end: () => instance.stop().finally(remove),
    };
  } catch (error) {
    remove();
    throw error;
  }
}

type RelayStates = readonly { readonly url: string; readonly state: string }[];

async function untilOpen(relays: () => Promise<RelayStates>, url: string): Promise<void> {
  const deadline = Date.now() + LINK_MILLISECONDS;
  while (!(await relays()).some((relay) => relay.url === url && relay.state === "open")) {
    if (Date.now() > deadline) throw new SetupError(`Our link to ${url} did not open.`);
    await sleep(POLL_MILLISECONDS);
  }
}
