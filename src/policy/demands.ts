// The demands of a rule as comparable atoms, and when keeping one means keeping another.

import type { Rule } from "./document.ts";
import type { TagDocument } from "./schema.ts";
import { durationSeconds } from "./duration.ts";
import { DEFAULTS_OF_GUARDS, guardSettings, type GuardSettings } from "./guards.ts";
import { isWithinDomains } from "./hosts.ts";

export type Demand =
  | { readonly what: "size" | "links" | "mentions" | "hashtags" | "skew"; readonly max: number }
  | { readonly what: "only" | "denied"; readonly hosts: ReadonlySet<string> }
  | { readonly what: "required" | "forbidden"; readonly tag: TagDocument }
  | { readonly what: "guard"; readonly guard: GuardSettings };

export function demandsIn({ document, content: test }: Rule): Demand[] {
  const { content, tags, createdAt, guards } = document;
  const demands: Demand[] = [];
  const atMost = (what: "size" | "links" | "mentions" | "hashtags" | "skew", max: number | undefined) => {
    if (max !== undefined) demands.push({ what, max });
  };
  atMost("size", content?.size?.max);
  atMost("links", content?.links?.max);
  atMost("mentions", content?.mentions?.max);
  atMost("hashtags", content?.hashtags?.max);
  if (createdAt?.skew !== undefined) atMost("skew", durationSeconds(createdAt.skew));
  if (test?.onlyHosts !== undefined) demands.push({ what: "only", hosts: test.onlyHosts });
  if (test?.deniedHosts !== undefined) demands.push({ what: "denied", hosts: test.deniedHosts });
  for (const tag of tags?.required ?? []) demands.push({ what: "required", tag });
  for (const tag of tags?.forbidden ?? []) demands.push({ what: "forbidden", tag });
  for (const guard of guards ?? []) demands.push({ what: "guard", guard: guardSettings(guard) });
  return demands;
}

/** True only where it is certain that whatever keeps `strict` also keeps `loose`. */
export function implies(strict: Demand, loose: Demand): boolean {
  if ("max" in strict && "max" in loose) return strict.what === loose.what && strict.max <= loose.max;
  if (strict.what === "only" && loose.what === "only") return [...strict.hosts].every((host) => isWithinDomains(host, loose.hosts));
  if (strict.what === "denied" && loose.what === "denied") return [...loose.hosts].every((host) => isWithinDomains(host, strict.hosts));
  if (strict.what === "required" && loose.what === "required") return tagWithin(strict.tag, loose.tag);
  if (strict.what === "forbidden" && loose.what === "forbidden") return tagWithin(loose.tag, strict.tag);
  if (strict.what === "guard" && loose.what === "guard") return guardImplies(strict.guard, loose.guard);
  return false;
}

/** Every event that carries `inner` also carries `outer`. */
function tagWithin(inner: TagDocument, outer: TagDocument): boolean {
  const [innerName, outerName] = [inner, outer].map((tag) => (typeof tag === "string" ? tag : tag.name));
  if (innerName !== outerName) return false;
  if (typeof outer === "string") return true;
  return typeof inner !== "string" && inner.values.every((value) => outer.values.includes(value));
}

function guardImplies(strict: GuardSettings, loose: GuardSettings): boolean {
  if (strict.guard === "mass-unfollow" && loose.guard === "mass-unfollow") {
    return (strict.share ?? DEFAULTS_OF_GUARDS.lostShare) <= (loose.share ?? DEFAULTS_OF_GUARDS.lostShare);
  }
  if (strict.guard === "foreign-relay-list" && loose.guard === "foreign-relay-list") {
    return (strict.share ?? DEFAULTS_OF_GUARDS.foreignShare) <= (loose.share ?? DEFAULTS_OF_GUARDS.foreignShare);
  }
  if (strict.guard === "profile-takeover" && loose.guard === "profile-takeover") {
    const watched: readonly string[] = strict.fields ?? DEFAULTS_OF_GUARDS.profileFields;
    return (loose.fields ?? DEFAULTS_OF_GUARDS.profileFields).every((field) => watched.includes(field));
  }
  if (strict.guard === "deletion-storm" && loose.guard === "deletion-storm") {
    return (
      (strict.max ?? DEFAULTS_OF_GUARDS.deletions) <= (loose.max ?? DEFAULTS_OF_GUARDS.deletions) &&
      stormSeconds(strict.within) >= stormSeconds(loose.within)
    );
  }
  return strict.guard === loose.guard;
}

function stormSeconds(within: string = DEFAULTS_OF_GUARDS.deletionsWithin): number {
  return durationSeconds(within);
}
