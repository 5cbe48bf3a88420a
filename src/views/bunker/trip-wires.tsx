// `/b/<id>/settings/trip-wires`: when an app is suspended by itself.

import type { Child } from "hono/jsx";
import type { BunkerSettings } from "../../../durable-objects/bunker-rpc.ts";
import { MAX_WIRE_DENIALS, MAX_WIRE_USED_UP_LIMITS } from "../../trip-wire-limits.ts";
import { PageForm, type FieldError } from "../forms.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

/** What is offered where nothing is set: an app that works is not denied twenty times a minute, nor three times a day over its limits. */
const OFFERED = { denials: 20, limits: 3 };

/** Each has a box of that name and "-on". */
export const WIRES = ["denials", "new-kind", "limits"] as const;
type WireName = (typeof WIRES)[number];

export interface TripWiresData {
  readonly frame: BunkerPageFrame;
  readonly settings: BunkerSettings;
  readonly done?: string | undefined;
  /** What was sent with mistakes in it. */
  readonly typed?: { readonly denials: string; readonly limits: string; readonly ticked: readonly WireName[] };
  readonly errors?: readonly FieldError[];
}

export function TripWiresPage({ frame, settings, done, typed, errors = [] }: TripWiresData) {
  const base = `/b/${frame.bunker.id}/settings`;
  const mayChange = frame.bunker.role === "owner" || frame.bunker.role === "admin";
  const { suspendAfterDenials, suspendOnNewKind, suspendAfterUsedUpLimits } = settings;
  const isOn = (wire: WireName, isSet: boolean) => typed?.ticked.includes(wire) ?? isSet;
  return (
    <BunkerLayout frame={frame} title="Trip wires" back={{ href: base, label: "Settings" }} narrow done={done} errors={errors}>
      <p>
        A trip wire suspends an app that behaves as if somebody else had it. Its requests are refused from that moment on, other apps go on,
        and all owners get a mail. An owner or an admin can let it ask again.
      </p>
      {!mayChange && <p>{tripWiresSentence(settings)}</p>}
      {mayChange && (
        <PageForm action={`${base}/trip-wires`} formToken={frame.person.formToken}>
          <fieldset>
            <legend>Suspend an app by itself after</legend>
            <Wire name="denials" isOn={isOn("denials", suspendAfterDenials !== null)} label="too many refusals in a minute">
              <Count
                name="denials"
                label="How many refusals"
                hint={`Requests that the policy denied; 1 to ${MAX_WIRE_DENIALS}.`}
                value={typed?.denials ?? String(suspendAfterDenials ?? OFFERED.denials)}
                errors={errors}
              />
            </Wire>
            <Wire name="new-kind" isOn={isOn("new-kind", suspendOnNewKind)} label="a kind that it never used">
              <p class="hint">
                A kind is what an event is: a note, a reaction, a profile. In the first day after it was connected an app shows which kinds
                it uses. Later, the first request to sign another kind is refused and suspends it; once you resume it, that kind is its own.
              </p>
            </Wire>
            <Wire name="limits" isOn={isOn("limits", suspendAfterUsedUpLimits !== null)} label="too many used-up limits in a day">
              <Count
                name="limits"
                label="How many used-up limits"
                hint={`How often it asks for more than a limit of its policy leaves; the same limit counts once an hour. 1 to ${MAX_WIRE_USED_UP_LIMITS}.`}
                value={typed?.limits ?? String(suspendAfterUsedUpLimits ?? OFFERED.limits)}
                errors={errors}
              />
            </Wire>
          </fieldset>
          <p class="hint">Taking a wire away, or raising its number, loosens protection, so it asks you to confirm that it is you.</p>
          <button>Save trip wires</button>
        </PageForm>
      )}
    </BunkerLayout>
  );
}

function Wire({ name, isOn, label, children }: { name: WireName; isOn: boolean; label: string; children?: Child }) {
  return (
    <div class="wire">
      <label class="choice">
        <input type="checkbox" name={`${name}-on`} value="1" checked={isOn} />
        <span>
          <b>{label}</b>
        </span>
      </label>
      {children}
    </div>
  );
}

interface CountProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly errors: readonly FieldError[];
}

/** Not required: a wire that is not ticked needs no number. */
function Count({ name, label, hint, value, errors }: CountProps) {
  const error = errors.find(({ field }) => field === name);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
      {error !== undefined && (
        <p class="error" id={`${name}-error`}>
          {error.message}
        </p>
      )}
      <input
        id={name}
        name={name}
        value={value}
        inputmode="numeric"
        autocomplete="off"
        class="number"
        aria-describedby={error === undefined ? `${name}-hint` : `${name}-hint ${name}-error`}
        {...(error !== undefined && { "aria-invalid": "true" as const })}
      />
    </div>
  );
}

/** "An app is suspended by itself after 20 refusals in a minute or a kind that it never used." */
export function tripWiresSentence({ suspendAfterDenials, suspendOnNewKind, suspendAfterUsedUpLimits }: BunkerSettings): string {
  const wires = [
    suspendAfterDenials !== null && `${suspendAfterDenials} refusals in a minute`,
    suspendOnNewKind && "a kind that it never used",
    suspendAfterUsedUpLimits !== null && `${suspendAfterUsedUpLimits} used-up limits in a day`,
  ].filter((wire) => typeof wire === "string");
  return wires.length === 0 ? "None: no app is suspended by itself." : `An app is suspended by itself after ${wires.join(", or ")}.`;
}
