// The bar on top: the way from one bunker to another, what waits for whoever looks, and their account. Menus open without script.

import { Icon } from "../parts/icons.tsx";
import { Identicon } from "../parts/identicon.tsx";

export type Theme = "light" | "dark";

/** Who looks at the page, as far as the frame shows it. */
export interface FramePerson {
  readonly email: string;
  readonly formToken: string;
  /** As the account wishes; absent: as the system says. */
  readonly theme?: Theme | undefined;
  /** The account's time zone, "Europe/Berlin"; absent: the browser's. */
  readonly zone?: string | undefined;
  /** Bunkers that the person may see. */
  readonly bunkers?: readonly BunkerLink[] | undefined;
  /** Approvals that wait for this person's answer, over all bunkers. */
  readonly waiting?: number | undefined;
  /** Who asked last of those: for a notification of the browser, which names nothing else. */
  readonly lastAsked?: { readonly app: string; readonly bunker: string } | undefined;
}

export interface BunkerLink {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly waiting: number;
}

export function BunkerSwitcher({ person, current }: { person: FramePerson; current: string | undefined }) {
  const { bunkers = [] } = person;
  const here = bunkers.find(({ id }) => id === current);
  if (bunkers.length === 0) return null;
  return (
    <>
      <span class="crumb wide-only" aria-hidden="true">
        /
      </span>
      <nav aria-label="Bunkers" class="switcher">
        <details class="menu">
          <summary>
            {here !== undefined && <Identicon pubkey={here.userPubkey} size="small" />}
            <span class="name">{here?.name ?? "Bunkers"}</span>
            <Icon name="chevron" />
          </summary>
          <div class="panel">
            {bunkers.map((bunker) => (
              <a href={`/b/${bunker.id}`} {...(bunker.id === current && { "aria-current": "true" as const })}>
                <Identicon pubkey={bunker.userPubkey} size="small" />
                <span>{bunker.name}</span>
                {bunker.waiting > 0 && <Count waiting={bunker.waiting} />}
              </a>
            ))}
            <hr />
            <a href="/">All bunkers</a>
          </div>
        </details>
      </nav>
    </>
  );
}

export function InboxLink({ person, isHere, liveFrom }: { person: FramePerson; isHere: boolean; liveFrom: string }) {
  return (
    <a class="go" href="/approvals" {...(isHere && { "aria-current": "page" as const })}>
      <span>Approvals</span>
      <span
        id="waiting-total"
        data-waiting-total
        data-live-on="approvals"
        data-live-from={liveFrom}
        {...(person.lastAsked !== undefined && { "data-last-app": person.lastAsked.app, "data-last-bunker": person.lastAsked.bunker })}
      >
        {person.waiting !== undefined && person.waiting > 0 && <Count waiting={person.waiting} />}
      </span>
    </a>
  );
}

/** A number that needs somebody; heard as "2 waiting". */
export function Count({ waiting }: { waiting: number }) {
  return (
    <span class="count">
      {waiting}
      <span class="hidden-words"> waiting</span>
    </span>
  );
}

export function AccountMenu({ person }: { person: FramePerson }) {
  return (
    <nav aria-label="Account">
      <details class="menu end">
        <summary aria-label={`Account: ${person.email}`}>
          <Icon name="person" />
          <span class="name wide-only">{person.email}</span>
          <Icon name="chevron" />
        </summary>
        <div class="panel">
          <p class="meta">{person.email}</p>
          <a href="/account">Account</a>
          <form method="post" action="/sign-out">
            <input type="hidden" name="form-token" value={person.formToken} />
            <button class="item">Sign out</button>
          </form>
        </div>
      </details>
    </nav>
  );
}
