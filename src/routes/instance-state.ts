// What the Worker remembers of the instance: claimed, locked, under which root. Seconds old at most, so that a lock reaches every place.

import type { InstanceState } from "../../durable-objects/instance-rpc.ts";
import type { Env } from "../env.ts";
import { instanceOf } from "./context.ts";

/** A lock holds everywhere after this long; one call to the instance in as many seconds costs nothing. */
const REMEMBER_MS = 5_000;

const remembered = new WeakMap<object, { readonly state: InstanceState; readonly until: number }>();

export async function instanceState(env: Env): Promise<InstanceState> {
  const known = remembered.get(env.INSTANCE);
  if (known !== undefined && known.until > Date.now()) return known.state;
  return remember(env, await instanceOf(env).state());
}

/** What an answer of the instance said beside its own matter. */
export function remember(env: Env, state: InstanceState): InstanceState {
  remembered.set(env.INSTANCE, { state, until: Date.now() + REMEMBER_MS });
  return state;
}

/** After a call that changes it. */
export function forgetInstanceState(env: Env): void {
  remembered.delete(env.INSTANCE);
}
