// What every page of the tab is given, and where its pages are.

import type { Role } from "../../people/principal.ts";
import type { BunkerPageFrame } from "../bunker/frame.tsx";

export interface PolicyPageBase {
  readonly frame: BunkerPageFrame;
  /** What has just happened, in one sentence. */
  readonly done?: string | undefined;
}

/** Who may write policies. What loosens still takes an owner. */
export function isEditor(role: Role): boolean {
  return role === "owner" || role === "admin";
}

/** The address of the tab, or of a page below it. Names of policies are safe in addresses. */
export function policiesPath(bunkerId: string, ...below: readonly (string | number)[]): string {
  return ["/b", bunkerId, "policies", ...below].join("/");
}

/** Beside the policies, because one of them may be called "new". */
export function newPolicyPath(bunkerId: string, preset?: string): string {
  return `/b/${bunkerId}/new-policy${preset === undefined ? "" : `/edit?preset=${preset}`}`;
}

/** One step up, from a page below the list. */
export function backToList(bunkerId: string): { href: string; label: string } {
  return { href: policiesPath(bunkerId), label: "Policies" };
}

export function backToPolicy(bunkerId: string, name: string): { href: string; label: string } {
  return { href: policiesPath(bunkerId, name), label: name };
}
