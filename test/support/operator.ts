// What an operator does over the API, for tests that drive the product from outside.

import { parseBunkerUrl } from "../../src/protocol/connection-uri.ts";
import { api, type Api, type Instance } from "./instance.ts";

export interface Invited {
  readonly id: string;
  readonly bunkerUrl: string;
  readonly remoteSigner: string;
  readonly inviteSecret: string;
}

export interface BunkerState {
  readonly id: string;
  readonly userPubkey: string;
  readonly locked: boolean;
  readonly wakes: number;
  readonly relays: readonly {
    readonly url: string;
    readonly kind: string;
    readonly state: string;
    readonly reconnects: number;
    readonly lastRefusal: string | null;
    readonly lastEventAt: string | null;
  }[];
}

/** One bunker, made over the API and steered over it. */
export class Operator {
  readonly api: Api;
  readonly bunkerId: string;
  readonly userPubkey: string;

  private constructor(made: Api, bunkerId: string, userPubkey: string) {
    this.api = made;
    this.bunkerId = bunkerId;
    this.userPubkey = userPubkey;
  }

  static async create(instance: Instance, body: Record<string, unknown> = {}): Promise<Operator> {
    const made = api(instance);
    const bunker = await made.request<{ id: string; userPubkey: string }>("POST", "/bunkers", { name: "test bunker", ...body });
    if (bunker.status !== 201) throw new Error(`expected 201, got ${bunker.status} ${JSON.stringify(bunker.body)}`);
    return new Operator(made, bunker.body.id, bunker.body.userPubkey);
  }

  /** The same bunker of an instance that was started again. */
  after(instance: Instance): Operator {
    return new Operator(api(instance), this.bunkerId, this.userPubkey);
  }

  async invite(body: Record<string, unknown> = {}): Promise<Invited> {
    const made = await this.call<{ id: string; bunkerUrl: string }>("POST", "/invites", {
      name: "test app",
      policy: "full-access",
      ...body,
    });
    const pointer = parseBunkerUrl(made.bunkerUrl);
    if (pointer?.inviteSecret === undefined) throw new Error("expected a bunker URL with a secret");
    return { ...made, remoteSigner: pointer.remoteSigner, inviteSecret: pointer.inviteSecret };
  }

  state(): Promise<BunkerState> {
    return this.call<BunkerState>("GET", "");
  }

  /** Calls below /bunkers/:id; throws unless it succeeds. */
  async call<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.api.request<Body>(method, `/bunkers/${this.bunkerId}${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
