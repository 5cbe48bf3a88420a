// Key services on the loopback, asked by the product's own exchange, with a clock that stands until it is moved.

import { httpExchange } from "../../../../src/http-exchange.ts";
import { keyServiceProvider, type KeyServiceName } from "../../../../src/sealing/providers/configured.ts";
import type { KeyServicePorts } from "../../../../src/sealing/providers/key-service.ts";
import { KeyServiceError, type KeyProvider } from "../../../../src/sealing/providers/provider.ts";
import { sampleRandom } from "../../../support/sealing-samples.ts";
import { expect } from "vitest";

/** What the product waits five seconds for, in a test. */
const SHORT_MS = 250;

export class Ports implements KeyServicePorts {
  clock = Date.now();
  readonly waits: number[] = [];
  readonly #exchange = httpExchange((url, init) => fetch(url, init));

  readonly now = () => this.clock;
  readonly exchange: KeyServicePorts["exchange"] = (request, withinMs) => {
    this.waits.push(withinMs);
    return this.#exchange(request, SHORT_MS);
  };
}

export function providerFor(settings: Readonly<Record<string, string>>, ports: KeyServicePorts = new Ports()): KeyProvider {
  return keyServiceProvider(settings["SEALING"] as KeyServiceName, settings, ports, sampleRandom());
}

export async function failure(work: Promise<unknown>): Promise<KeyServiceError> {
  const error = await work.then(
    () => expect.unreachable("it went well"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KeyServiceError);
  return error as KeyServiceError;
}
