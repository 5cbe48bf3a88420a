// What becomes familiar once it was signed or done here: hosts, relays, people and kinds. The same names are asked for when the next
// request is shown, so that "first" means first.

import { hostOf } from "../policy/hosts.ts";
import { isEncryptedKind } from "../policy/kinds.ts";
import type { Question } from "../policy/question.ts";
import type { EventTemplate } from "../protocol/event.ts";
import { parsePubkey } from "../protocol/keys.ts";
import { hostsIn } from "./links.ts";
import type { FamiliarName } from "./material.ts";
import { valuesOf } from "./scene.ts";

export function familiarNames(question: Question): FamiliarName[] {
  switch (question.method) {
    case "sign_event":
      return [...new Set(namesOf(question.event))];
    case "nip04_encrypt":
    case "nip44_encrypt":
    case "nip04_decrypt":
      return [`person/${question.counterparty}`];
    case "nip44_decrypt": {
      // NIP-59: the counterparty of a wrap is a one-time key. Only a wrap's seal, or the certainty that it is none, says who that was.
      if (question.sealAuthor === "unopened") return [];
      return [`person/${question.sealAuthor === "none" ? question.counterparty : question.sealAuthor}`];
    }
  }
}

function namesOf(event: EventTemplate): FamiliarName[] {
  switch (event.kind) {
    case 4:
    case 14:
    case 15:
      return valuesOf(event, "p").flatMap((key) => (parsePubkey(key) === undefined ? [] : [`person/${key}` as const]));
    case 22_242:
      return relays(valuesOf(event, "relay"));
    case 10_002:
      return relays(valuesOf(event, "r"));
    case 10_050:
      return relays(valuesOf(event, "relay"));
    case 27_235:
      return valuesOf(event, "u").flatMap((address) => named("host", hostOf(address)));
    default: {
      const hosts = isEncryptedKind(event.kind) ? [] : hostsIn(event.content);
      return [`kind/${event.kind}`, ...hosts.map((host) => `host/${host}` as const)];
    }
  }
}

function relays(addresses: readonly string[]): FamiliarName[] {
  return addresses.flatMap((address) => named("relay", hostOf(address)));
}

function named(what: "host" | "relay", host: string | undefined): FamiliarName[] {
  return host === undefined ? [] : [`${what}/${host}`];
}
