// The outbound relays that a bunker offers beside its embedded one.

import { relayProblem, sameRelay } from "../../src/protocol/relay-url.ts";
import { principalLabel, type Principal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { BunkerContext } from "./context.ts";
import { isOwnRelay, outdated } from "./relay-set.ts";

const MAX_OUTBOUND_RELAYS = 10; // three are enough for anybody; each is a socket that never sleeps

export function setOutboundRelays(context: BunkerContext, principal: Principal, relays: readonly string[]): Result<null> {
  const { store } = context;
  for (const [index, relay] of relays.entries()) {
    // Named or not, our own relay is always there; on a development machine it would not pass as a foreign one.
    const problem = isOwnRelay(context, relay) ? undefined : relayProblem(relay, { allowInsecure: context.allowInsecureRelays });
    if (problem !== undefined) return refuse("invalid", `relays[${index}]: ${problem}`);
  }
  const others = relays.filter((relay) => !isOwnRelay(context, relay));
  const wanted = others.filter((relay, index) => others.findIndex((other) => sameRelay(other, relay)) === index);
  if (wanted.length > MAX_OUTBOUND_RELAYS) return refuse("invalid", `relays: expected at most ${MAX_OUTBOUND_RELAYS} relays`);
  store.transaction(() => {
    const before = store.bunker.read().outboundRelays;
    store.bunker.setOutboundRelays(wanted);
    // Apps go on looking at the old ones until switch_relays has told them: they are listened to until then.
    const left = outdated(before, wanted);
    for (const connection of store.connections.listOutbound()) {
      if (connection.relays === "embedded" || left.length === 0) continue;
      const clientRelays = [...connection.clientRelays, ...outdated(left, connection.clientRelays)];
      store.connections.put({ ...connection, clientRelays, switchedAt: null });
    }
    store.activity.append(
      {
        actor: principalLabel(principal),
        method: "bunker.relays",
        connection: null,
        effect: "allow",
        rules: [],
        explanation:
          wanted.length === 0 ? "No outbound relays are offered any more." : `The bunker offers the relays ${wanted.join(", ")}.`,
        facts: { relays: wanted.length },
      },
      Date.now(),
    );
  });
  context.outbound.refresh();
  return ok(null);
}
