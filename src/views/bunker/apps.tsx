// `/b/<id>/apps`: the apps that are connected, what each may do and how it stands, and the connect links that are still open.

import type { ConnectionBudget, ConnectionState, ConnectionView, InviteView } from "../../../durable-objects/bunker-rpc.ts";
import { isPresetName, presetNamed } from "../../policy/presets.ts";
import { PageForm } from "../forms.tsx";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icons.tsx";
import { Pill, statusWord, type Status } from "../parts/pill.tsx";
import { OwnName } from "../parts/quote.tsx";
import { Table, type Column } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

/** Ended ones are out of the way until they are asked for. */
export const APP_FILTERS = ["in-use", "ended", "all"] as const;
export type AppFilter = (typeof APP_FILTERS)[number];

export interface AppsPageData {
  readonly frame: BunkerPageFrame;
  readonly apps: readonly ConnectionView[];
  readonly invites: readonly InviteView[];
  readonly filter: AppFilter;
  readonly search: string;
  readonly isCompact: boolean;
  readonly done?: string | undefined;
  /** Just suspended: what the undo is for. */
  readonly undo?: { readonly id: string; readonly name: string } | undefined;
}

const FILTER_WORDS: Readonly<Record<AppFilter, string>> = { "in-use": "In use", ended: "Ended", all: "All" };

export function AppsPage(page: AppsPageData) {
  const { frame, apps, invites, done, undo } = page;
  const { id, role } = frame.bunker;
  const mayConnect = role === "owner" || role === "admin";
  const shown = apps.filter((app) => isShown(app, page));
  return (
    <BunkerLayout frame={frame} title="Apps" done={done} aside={mayConnect && <ConnectLink id={id} />}>
      {undo !== undefined && <Undo {...undo} page={page} />}
      {apps.length === 0 ? (
        <Empty title="No app is connected">
          <p>An app asks Countersign to sign; the key never leaves.</p>
          {mayConnect && <ConnectLink id={id} />}
        </Empty>
      ) : (
        <>
          <Filters {...page} />
          {shown.length === 0 ? (
            <Empty title="Nothing matches">
              <p>
                <a href={`/b/${id}/apps?show=all`}>Show all {apps.length} apps</a>
              </p>
            </Empty>
          ) : (
            <div class={page.isCompact ? "compact" : ""}>
              <Table caption="Apps" columns={columns(page)} rows={shown} />
            </div>
          )}
        </>
      )}
      {invites.length > 0 && <OpenLinks frame={frame} invites={invites} />}
    </BunkerLayout>
  );
}

export function ConnectLink({ id }: { id: string }) {
  return (
    <a class="button" href={`/b/${id}/apps/connect`}>
      <Icon name="plus" />
      Connect an app
    </a>
  );
}

function isEnded({ state }: ConnectionView): boolean {
  return state === "revoked" || state === "expired";
}

function isShown(app: ConnectionView, { filter, search }: AppsPageData): boolean {
  const words = search.toLowerCase();
  const isFound = words === "" || [app.name, app.metadata?.name ?? "", app.policy].some((text) => text.toLowerCase().includes(words));
  return isFound && (filter === "all" || isEnded(app) === (filter === "ended"));
}

function Filters({ frame, filter, search, isCompact }: AppsPageData) {
  const path = `/b/${frame.bunker.id}/apps`;
  const address = (rest: Record<string, string>) => {
    const query = new URLSearchParams({ show: filter, ...(search !== "" && { q: search }), ...rest });
    return `${path}?${query.toString()}`;
  };
  return (
    <div class="toolbar">
      <nav class="segments" aria-label="Which apps">
        {APP_FILTERS.map((each) => (
          <a href={address({ show: each })} {...(each === filter && { "aria-current": "true" as const })}>
            {FILTER_WORDS[each]}
          </a>
        ))}
      </nav>
      <form class="search" action={path} method="get" role="search">
        <input type="hidden" name="show" value={filter} />
        <input type="search" name="q" value={search} aria-label="Search apps" placeholder="Name or policy" />
        <button class="secondary">Search</button>
      </form>
      <a class="wide-only" href={address({ rows: isCompact ? "roomy" : "compact" })}>
        {isCompact ? "Roomy rows" : "Compact rows"}
      </a>
    </div>
  );
}

function columns({ frame }: AppsPageData): Column<ConnectionView>[] {
  const { id, role } = frame.bunker;
  const mayStop = role !== "viewer";
  return [
    {
      title: "App",
      heads: true,
      onTop: true,
      cell: (app) => (
        <>
          <a class="cover" href={`/b/${id}/apps/${app.id}`}>
            {app.name}
          </a>
          <CallsItself app={app} />
        </>
      ),
    },
    { title: "State", onTop: true, cell: ({ state }) => <AppState state={state} /> },
    { title: "Policy", cell: ({ policy }) => <a href={`/b/${id}/policies/${policy}`}>{policyTitle(policy)}</a> },
    { title: "Last use", cell: ({ lastUsedAt }) => (lastUsedAt === null ? "never" : <Time at={lastUsedAt} />) },
    { title: "Left", cell: ({ budgets, state }) => (state === "active" ? tightest(budgets) : "") },
    {
      title: "Stop",
      cell: (app) =>
        mayStop &&
        app.state === "active" && (
          <PageForm action={`/b/${id}/apps/${app.id}/suspend`} formToken={frame.person.formToken}>
            <button class="secondary small" aria-label={`Suspend ${app.name}`}>
              Suspend
            </button>
          </PageForm>
        ),
    },
  ];
}

/** What the app says of itself, which anyone can claim. */
export function CallsItself({ app }: { app: Pick<ConnectionView, "metadata"> }) {
  const { name, url } = app.metadata ?? {};
  if (name === undefined && url === undefined) return null;
  return (
    <p class="meta">
      {name !== undefined && (
        <>
          calls itself <OwnName name={name} />
        </>
      )}
      {url !== undefined && (
        <>
          {" "}
          at <bdi class="own-words">{hostOf(url)}</bdi>
        </>
      )}{" "}
      (not verified)
    </p>
  );
}

export function AppState({ state }: { state: ConnectionState }) {
  if (state === "waiting") return <Pill status="waiting">Waits for your yes</Pill>;
  return <Pill status={STATUS_OF[state]}>{statusWord(STATUS_OF[state])}</Pill>;
}

const STATUS_OF: Readonly<Record<Exclude<ConnectionState, "waiting">, Status>> = {
  active: "connected",
  suspended: "suspended",
  revoked: "revoked",
  expired: "expired",
};

/** Presets by their title, own policies by the name that somebody gave. */
export function policyTitle(policy: string): string {
  return isPresetName(policy) ? (presetNamed(policy)?.title ?? policy) : policy;
}

/** The limit that will be reached first. */
function tightest(budgets: readonly ConnectionBudget[]): string {
  const [least] = budgets.toSorted((one, other) => one.left / one.max - other.left / other.max);
  return least === undefined
    ? "no limit"
    : `${least.left.toLocaleString("en-US")} of ${least.max.toLocaleString("en-US")} this ${least.per}`;
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 64);
}

function Undo({ id, name, page }: { id: string; name: string; page: AppsPageData }) {
  const { bunker, person } = page.frame;
  return (
    <section class="notice off">
      <div class="row">
        <p role="status">
          <b>{name} is suspended.</b> Its requests are refused from now on.
        </p>
        <PageForm action={`/b/${bunker.id}/apps/${id}/resume`} formToken={person.formToken}>
          <button class="secondary">Undo: let {name} ask again</button>
        </PageForm>
      </div>
    </section>
  );
}

function OpenLinks({ frame, invites }: { frame: BunkerPageFrame; invites: readonly InviteView[] }) {
  const { id, role } = frame.bunker;
  return (
    <section>
      <h2>Connect links that wait</h2>
      <ul class="rows">
        {invites.map((invite) => (
          <li>
            <div class="what">
              <p>
                <a href={`/b/${id}/apps/links/${invite.id}`}>
                  <b>{invite.name}</b>
                </a>
              </p>
              <p class="meta">
                {policyTitle(invite.policy)}; runs out <Time at={invite.expiresAt} />
                {invite.uses > 1 && `; ${invite.usesLeft} of ${invite.uses} uses left`}
              </p>
            </div>
            {role !== "viewer" && (
              <PageForm action={`/b/${id}/apps/links/${invite.id}/withdraw`} formToken={frame.person.formToken}>
                <button class="secondary small" aria-label={`Withdraw the link for ${invite.name}`}>
                  Withdraw
                </button>
              </PageForm>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
