// From a policy document to a policy that can decide: spelling checked by the schema, sense checked here, patterns compiled once.

import { z } from "zod";
import type { PolicyMethod } from "./question.ts";
import { policyDocumentSchema, POLICY_METHODS, type ApprovalsDocument, type PolicyDocument, type RuleDocument } from "./schema.ts";
import { quorumOf, type Quorum } from "./asking.ts";
import { requestProblem } from "./example-request.ts";
import { compileContent, type ContentTest } from "./content.ts";
import { durationSeconds } from "./duration.ts";
import { describeFields } from "./field-words.ts";
import { oneOfKind } from "./kind-names.ts";
import { compileKinds, isEncryptedKind, type KindSet } from "./kinds.ts";
import { compileAddresses, RELAY_LOGIN, WEB_LOGIN, type AddressTest } from "./logins.ts";
import { isDecrypt, isProtectedKind } from "./protected.ts";
import { compileSchedule, type Schedule } from "./schedule.ts";

export interface Rule {
  readonly document: RuleDocument;
  /** The methods that all its conditions apply to; none where they contradict each other: then it never matches. */
  readonly methods: ReadonlySet<PolicyMethod>;
  readonly quorum: Quorum;
  readonly kinds?: KindSet;
  readonly content?: ContentTest;
  readonly schedule?: Schedule;
  readonly urls?: AddressTest;
  readonly relays?: AddressTest;
}

export interface Policy {
  readonly name: string;
  readonly default: "ask" | "deny";
  /** Who is asked where no rule says otherwise. */
  readonly quorum: Quorum;
  readonly rules: readonly Rule[];
  /** As it was written. */
  readonly document: PolicyDocument;
}

/** What is wrong with a document, and where: "rules[1].kindz". The document itself has the empty path. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

export type ParsedPolicy = { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly problems: readonly Problem[] };

/** What decisions and sentences call that which is no rule. */
const RESERVED_IDS: readonly string[] = ["default", "built-in", "approvals"];

type Path = readonly PropertyKey[];
type Report = (path: Path, message: string) => void;

export function parsePolicy(value: unknown): ParsedPolicy {
  const parsed = policyDocumentSchema.safeParse(value);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.flatMap(problemsOf) };
  const problems: Problem[] = [];
  const policy = compile(parsed.data, (path, message) => problems.push({ path: spellPath(path), message }));
  return problems.length === 0 ? { ok: true, policy } : { ok: false, problems };
}

/** The published schema (JSON Schema 2020-12): what an editor needs to complete and check a document. */
export function policyJsonSchema(): object {
  const schema = { ...z.toJSONSchema(policyDocumentSchema, { io: "input" }), title: "Countersign policy" };
  describeFields(schema as Parameters<typeof describeFields>[0]);
  return schema;
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  // The path of an unknown field is that of its object: the field's own name says where to look.
  const paths: Path[] = issue.code === "unrecognized_keys" ? issue.keys.map((field) => [...issue.path, field]) : [issue.path];
  return paths.map((path) => ({ path: spellPath(path), message: issue.message }));
}

function spellPath(path: Path): string {
  return path.reduce<string>((spelled, part) => {
    if (typeof part === "number") return `${spelled}[${part}]`;
    return spelled === "" ? String(part) : `${spelled}.${String(part)}`;
  }, "");
}

function compile(document: PolicyDocument, report: Report): Policy {
  const seen = new Set<string>();
  checkApprovals(document.approvals, ["approvals"], report);
  const rules = (document.rules ?? []).map((rule, index) => {
    const at: Report = (path, message) => report(["rules", index, ...path], message);
    if (seen.has(rule.id)) at(["id"], "expected an id that no other rule has");
    if (RESERVED_IDS.includes(rule.id)) at(["id"], `expected another id: explanations use ${RESERVED_IDS.join(", ")} themselves`);
    seen.add(rule.id);
    return compileRule(rule, document.approvals, at);
  });
  for (const [index, { request }] of (document.examples ?? []).entries()) {
    const problem = requestProblem(request);
    if (problem !== undefined) report(["examples", index, "request", problem.path], problem.message);
  }
  return { name: document.name, default: document.default ?? "deny", quorum: quorumOf(document.approvals), rules, document };
}

function compileRule(rule: RuleDocument, approvals: ApprovalsDocument | undefined, report: Report): Rule {
  checkSense(rule, report);
  const below = (field: string) => (path: readonly (string | number)[], message: string) => report([field, ...path], message);
  const kinds = rule.kinds === undefined ? undefined : compileKinds(rule.kinds);
  for (const index of kinds?.backwards ?? [])
    report(["kinds", index], 'expected a range from a smaller to a larger kind, up to 65535: "1000-1999"');
  const content = rule.content === undefined ? undefined : compileContent(rule.content, below("content"));
  const schedule = rule.when === undefined ? undefined : compileSchedule(rule.when, below("when"));
  const urls = rule.http?.urls && compileAddresses(rule.http.urls, WEB_LOGIN, (index, message) => report(["http", "urls", index], message));
  const relays = rule.relays && compileAddresses(rule.relays, RELAY_LOGIN, (index, message) => report(["relays", index], message));
  return {
    document: rule,
    methods: methodsOf(rule),
    quorum: quorumOf(approvals, rule.approvals),
    ...(kinds === undefined ? {} : { kinds: kinds.set }),
    ...(content === undefined ? {} : { content }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(urls === undefined ? {} : { urls }),
    ...(relays === undefined ? {} : { relays }),
  };
}

/** A condition that does not apply to a method makes the rule not match it. */
function methodsOf(rule: RuleDocument): ReadonlySet<PolicyMethod> {
  const onlySigning = [rule.kinds, rule.tags, rule.createdAt, rule.http, rule.relays, rule.likeness, rule.guards].some(
    (field) => field !== undefined,
  );
  const onlyTagged = rule.content?.mentions !== undefined || rule.content?.hashtags !== undefined;
  const applies = (method: PolicyMethod): boolean => {
    if (rule.methods?.includes(method) === false) return false;
    if ((onlySigning || onlyTagged) && method !== "sign_event") return false;
    if (rule.content !== undefined && isDecrypt(method)) return false;
    if (rule.counterparties !== undefined && method === "sign_event") return false;
    return rule.opens === undefined || method === "nip44_decrypt";
  };
  return new Set(POLICY_METHODS.filter(applies));
}

/** What is spelled rightly but cannot be meant. */
function checkSense(rule: RuleDocument, report: Report): void {
  for (const field of ["content", "tags", "http", "when"] as const) {
    if (rule[field] !== undefined && Object.keys(rule[field]).length === 0) report([field], "expected at least one condition in it");
  }
  if (rule.content?.links !== undefined && Object.keys(rule.content.links).length === 0)
    report(["content", "links"], "expected only, deny or max");
  if (rule.content !== undefined) {
    for (const [index, kind] of (rule.kinds ?? []).entries()) {
      if (typeof kind === "number" && isEncryptedKind(kind)) {
        const hint = "put the rule on nip44_encrypt and nip04_encrypt, where the text is seen before it is encrypted";
        report(["kinds", index], `the content of ${oneOfKind(kind)} is encrypted and cannot be looked at: ${hint}`);
      }
    }
  }
  if (rule.opens !== undefined && rule.methods?.join() !== "nip44_decrypt")
    report(["opens"], 'expected methods ["nip44_decrypt"] beside it');
  if (rule.effect !== "allow" && rule.budgets !== undefined) report(["budgets"], 'expected only in a rule whose effect is "allow"');
  if (rule.over !== undefined && rule.budgets === undefined) report(["over"], "expected budgets beside it");
  if (rule.effect === "deny" && rule.approvals !== undefined)
    report(["approvals"], 'expected only in a rule whose effect is "ask" or "allow"');
  checkApprovals(rule.approvals, ["approvals"], report);
  if (rule.approvals?.vetoAfter !== undefined && listsProtected(rule)) {
    report(["approvals", "vetoAfter"], "what is protected is never signed by silence: expected no veto delay in a rule that lists it");
  }
}

function listsProtected(rule: RuleDocument): boolean {
  const kinds = rule.kinds?.some((kind) => typeof kind === "number" && isProtectedKind(kind)) === true;
  return kinds || rule.methods?.some(isDecrypt) === true || rule.counterparties?.includes("self") === true;
}

function checkApprovals(approvals: ApprovalsDocument | undefined, path: Path, report: Report): void {
  const { vetoAfter, within } = approvals ?? {};
  if (vetoAfter !== undefined && durationSeconds(vetoAfter) >= durationSeconds(within ?? "24h")) {
    report([...path, "vetoAfter"], "expected a veto delay that ends before the time to approve (`within`)");
  }
}
