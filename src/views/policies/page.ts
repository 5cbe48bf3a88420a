// What every page of the tab is given: the frame around it and where it stands.

import type { Role } from "../../people/principal.ts";
import type { FrameBunker, FramePerson } from "../layout.tsx";

export interface PolicyFrame {
  readonly person: FramePerson;
  readonly bunker: FrameBunker;
  readonly instanceLocked: boolean;
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
