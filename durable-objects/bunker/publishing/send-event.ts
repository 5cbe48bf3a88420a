// Hands one event to one relay over a socket of its own, and waits for its word. For what is sent once a day: nothing is held open.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { RelayOutcome } from "../../publishing-rpc.ts";
import { judgeOk } from "../relay-links/ok-verdict.ts";
import type { Dial } from "../relay-links/port.ts";

const ANSWER_WITHIN_MS = 10_000;
const MAX_FRAME_CHARACTERS = 4_096; // an OK is short
const MAX_REASON_CHARACTERS = 200;

export async function sendEvent(dial: Dial, relay: string, event: NostrEvent): Promise<RelayOutcome> {
  const dialed = await dial(relay);
  if (!dialed.ok) return { relay, ok: false, reason: dialed.reason };
  const { socket } = dialed;
  const said = Promise.withResolvers<RelayOutcome>();
  const fail = (reason: string) => said.resolve({ relay, ok: false, reason });
  const timer = setTimeout(() => fail(`no answer within ${ANSWER_WITHIN_MS / 1000} s`), ANSWER_WITHIN_MS);
  try {
    socket.start({
      message(data) {
        const answer = okFor(event.id, data);
        if (answer === undefined) return;
        if (judgeOk(answer.accepted, answer.message) === "ok") said.resolve({ relay, ok: true, reason: null });
        else fail(answer.message === "" ? "the relay refused it" : answer.message);
      },
      closed: () => fail("the relay closed the connection"),
    });
    socket.send(JSON.stringify(["EVENT", event]));
    return await said.promise;
  } finally {
    clearTimeout(timer);
    socket.close(1000, "");
  }
}

// NIP-01: ["OK", <event id>, <true|false>, <message>]. What the relay says is shown to people: bounded, without control characters.
function okFor(eventId: string, data: unknown): { accepted: boolean; message: string } | undefined {
  if (typeof data !== "string" || data.length > MAX_FRAME_CHARACTERS) return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    if (!Array.isArray(frame) || frame[0] !== "OK" || frame[1] !== eventId) return undefined;
    const message = typeof frame[3] === "string" ? frame[3] : "";
    return { accepted: frame[2] === true, message: message.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ").slice(0, MAX_REASON_CHARACTERS) };
  } catch {
    return undefined;
  }
}
