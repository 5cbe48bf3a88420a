// The head of every page about one bunker: picture, name, state, the lock always in the same place, and the tabs.

import type { Child } from "hono/jsx";
import type { Role } from "../../people/principal.ts";
import { Icon } from "../parts/icons.tsx";
import { Identicon } from "../parts/identicon.tsx";
import { Pill } from "../parts/pill.tsx";
import { Time } from "../parts/time.tsx";
import { Count } from "./bar.tsx";

const TABS = [
  ["overview", "Overview", ""],
  ["apps", "Apps", "/apps"],
  ["policies", "Policies", "/policies"],
  ["approvals", "Approvals", "/approvals"],
  ["activity", "Activity", "/activity"],
  ["team", "Team", "/team"],
  ["settings", "Settings", "/settings"],
] as const;
export type Tab = (typeof TABS)[number][0];

export type BunkerState = "ready" | "waiting" | "relay-trouble" | "locked";

export interface FrameBunker {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly state: BunkerState;
  /** Null while it is not locked by itself; `by` as members know them. */
  readonly lock: { readonly at: string | null; readonly by: string | null } | null;
  /** What whoever looks may do here. */
  readonly role: Role;
  /** Approvals that wait for an answer. */
  readonly waiting: number;
  /** Absent on pages beside the tabs. */
  readonly tab?: Tab | undefined;
  readonly zone?: string | undefined;
}

export function BunkerHead({ bunker }: { bunker: FrameBunker }) {
  const { id, name, userPubkey, state, lock, role, waiting, tab, zone } = bunker;
  const live = { "data-live-on": "approvals state", "data-live-from": liveFrameOf(id) };
  return (
    <>
      <div id="bunker-banner" {...live}>
        {lock !== null && (
          <LockBanner>
            <b>{name} is locked</b>
            {lock.at !== null && (
              <>
                {" "}
                since <Time at={lock.at} zone={zone} relative={false} />
              </>
            )}
            {lock.by !== null && ` by ${lock.by}`}. It signs nothing. An owner can unlock it.
          </LockBanner>
        )}
      </div>
      <div class="head">
        <div class="inner">
          <div class="who">
            <Identicon pubkey={userPubkey} />
            <div class="title">
              <span class="name">
                <a href={`/b/${id}`}>{name}</a>
              </span>
              <span id="bunker-state" {...live}>
                <Pill status={state} />
              </span>
            </div>
            <span id="bunker-lock" {...live}>
              <LockLink id={id} name={name} isLocked={lock !== null} role={role} />
            </span>
          </div>
          <nav aria-label={`Pages of ${name}`}>
            <ul class="tabs">
              {TABS.map(([key, title, path]) => (
                <li>
                  <a href={`/b/${id}${path}`} {...(key === tab && { "aria-current": "page" as const })}>
                    {title}
                    {key === "approvals" && (
                      <span id="bunker-waiting" {...live}>
                        {waiting > 0 && <Count waiting={waiting} />}
                      </span>
                    )}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </div>
      </div>
    </>
  );
}

/** Where the parts of the frame that change by themselves are read again. */
export function liveFrameOf(bunkerId: string | undefined): string {
  return bunkerId === undefined ? "/live/frame" : `/b/${bunkerId}/live/frame`;
}

/** Leads to the page that asks once more; stopping needs no more than that. */
function LockLink({ id, name, isLocked, role }: { id: string; name: string; isLocked: boolean; role: Role }) {
  if (isLocked ? role !== "owner" : role === "viewer") return null;
  const verb = isLocked ? "Unlock" : "Lock";
  return (
    <a class="button secondary" href={`/b/${id}/${isLocked ? "unlock" : "lock"}`} aria-label={`${verb} ${name}`}>
      <Icon name="padlock" />
      {verb}
    </a>
  );
}

export function LockBanner({ children }: { children?: Child }) {
  return (
    <div class="banner" role="status">
      <div class="inner">
        <Icon name="padlock" />
        <p>{children}</p>
      </div>
    </div>
  );
}
