// What the editor's page is made of: the fields as they were typed, what they mean as far as they mean something, and what is wrong.

import type { PolicyPeaksView, TriedPolicy } from "../../../durable-objects/bunker-rpc.ts";
import type { Fields } from "../../policy/form/form.ts";
import type { TriedText } from "../../policy/pattern.ts";
import type { NamedVoter } from "../../policy/quorum.ts";
import type { Understood } from "../../policy/understand.ts";
import type { FieldError } from "../forms.tsx";
import type { PolicyPageBase } from "./page.ts";

export interface JsonSide {
  /** As it stands in the field: with its errors, if that is what was typed. */
  readonly text: string;
  /** What is wrong with it, in one sentence; the fields then show the last good state. */
  readonly problem: string | undefined;
  /** What was typed and not taken, because the fields were changed after it. */
  readonly setAside: string | undefined;
}

export interface EditorData extends PolicyPageBase {
  readonly formToken: string;
  /** Null for a new policy. */
  readonly name: string | null;
  /** The version that it is written on; 0 for none. */
  readonly base: number;
  readonly action: string;
  readonly fields: Fields;
  /** Told apart by the next form, where no script says which side was typed in last. */
  readonly was: { readonly fields: string; readonly json: string };
  readonly json: JsonSide;
  /** Which side a phone shows. */
  readonly view: "fields" | "json";
  readonly understood: Understood;
  /** By rule id. */
  readonly remarks: ReadonlyMap<string, readonly string[]>;
  readonly voters: readonly NamedVoter[];
  readonly peaks: PolicyPeaksView | undefined;
  /** Texts that patterns were tried on, by the name of the pattern's field. */
  readonly tried: ReadonlyMap<string, TriedText>;
  readonly tryOut: TriedPolicy | undefined;
  readonly examples: number;
  /** Shown above everything: somebody asked for more than this allows. */
  readonly errors: readonly FieldError[];
  /** Shown beside their fields. */
  readonly fieldErrors: ReadonlyMap<string, string>;
  /** The field or rule that a person goes on with. */
  readonly focus: string | undefined;
}

/** One rule's place on the page. */
export interface RuleAt {
  readonly prefix: string;
  readonly index: number;
  readonly count: number;
}
