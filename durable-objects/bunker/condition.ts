// Whether anything that a bunker says of itself can be believed. Asked by pages that show what is left to do, and before one is discarded.

import type { BunkerCondition } from "../bunker-rpc.ts";
import type { BunkerContext } from "./context.ts";
import { TamperedRowError } from "./row-guard.ts";

export function conditionOf({ store }: BunkerContext): BunkerCondition {
  if (!store.keys.isSeedWhole()) return "damaged";
  try {
    store.bunker.read();
    return "whole";
  } catch (error) {
    if (error instanceof TamperedRowError) return "changed";
    throw error;
  }
}
