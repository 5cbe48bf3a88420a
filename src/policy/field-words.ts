// What each field of a policy document is for, in one sentence: hints in editors (through the published schema) and in the console.

/** By path without indices: "rules.content.links.only". */
export const FIELD_WORDS: Readonly<Record<string, string>> = {
  name: "The policy's name, as in its address. Limits are counted under it.",
  description: "For people; decides nothing.",
  default: 'What becomes of a request that no rule covers: "ask" or "deny" (the default), never "allow".',
  approvals: "Who is asked, where a rule does not say: by default one of owner and approver, within 24 hours.",
  "approvals.need": "How many people must approve.",
  "approvals.from": "Whose votes count.",
  "approvals.within": "How long there is to vote, from 1m to 30d.",
  "approvals.passkey": "Whether each vote needs a passkey.",
  "approvals.notRequester": "Whether the person who connected the app may not vote.",
  "approvals.vetoAfter": "Sign by itself after this time unless somebody rejects: at least 10m, never for what is protected.",
  rules: "Order does not matter: deny beats ask, ask beats allow.",
  "rules.id": "Names the rule in explanations; its limits are counted under this id from version to version.",
  "rules.description": "For people; decides nothing.",
  "rules.effect": "What the rule does with a request that it matches.",
  "rules.methods": "Methods that the rule is about; absent: all that its other fields apply to. Reading messages is allowed only by name.",
  "rules.kinds": 'Kinds of events, by number or range ("1000-1999"). Protected kinds are allowed only by number.',
  "rules.content": "What an event's text, or a text to encrypt, must be like. Not for kinds whose content is encrypted.",
  "rules.content.size": "Characters. Allow rules match up to the maximum, ask and deny rules beyond it.",
  "rules.content.matches": "An RE2 pattern that is found in the text (Unicode normal form NFKC).",
  "rules.content.words": "The text holds one of these as a whole word, whatever its case.",
  "rules.content.links": "Where the text leads: addresses with a scheme, names with a dot, and what stands behind an @.",
  "rules.content.links.only":
    "Hosts that links may lead to, their subdomains included. Ask and deny rules match where a link leads elsewhere.",
  "rules.content.links.deny": "Hosts that no link may lead to, their subdomains included. Ask and deny rules match where one does.",
  "rules.content.links.max": "How many links there may be.",
  "rules.content.mentions": "How many p tags there may be.",
  "rules.content.hashtags": "How many t tags there may be.",
  "rules.tags": "Which tags an event must and must not have. Ask and deny rules match where that is not so.",
  "rules.tags.required": 'Tags that must be there: a name, or { "name": "t", "values": ["news"] }.',
  "rules.tags.forbidden": 'Tags that must not be there: a name, or { "name": "t", "values": ["ad"] }.',
  "rules.createdAt": "How far an event's date may be off, to either side; not asked of seals and gift wraps.",
  "rules.counterparties": 'Public keys (hex) at the other end of a conversation, or "self"; with `opens`, authors of the seal inside.',
  "rules.opens": 'With "gift-wrap", only wraps that hold a valid seal (kind 13) match, by the author of that seal.',
  "rules.http": "For website logins (kind 27235): where they lead.",
  "rules.http.urls": "Addresses; a * at the end stands for the rest of the path.",
  "rules.http.methods": "HTTP methods.",
  "rules.relays": "For relay logins (kind 22242): the relays that they lead to.",
  "rules.when": "Days and hours; a night belongs to the day on which it begins.",
  "rules.when.zone": 'An IANA time zone such as "Europe/Berlin"; by default UTC.',
  "rules.likeness": "The same event (kind, tags and content) was signed before, within this time.",
  "rules.guards": "Look-outs. Ask and deny rules match where one sees something, allow rules where none does.",
  "rules.budgets": "For allow rules: at most so many in any minute, hour or day, counted for the whole bunker or for each app.",
  "rules.over": 'What becomes of requests beyond the limits: "ask" (the default) or "deny".',
  "rules.approvals": "Who is asked, where this differs from the policy.",
  examples: "Requests with the effect that they should have. The policy is published only if all of them do.",
};

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  description?: string;
}

/** Writes the words into a JSON Schema, in place. */
export function describeFields(schema: SchemaNode, path = ""): void {
  for (const [field, node] of Object.entries(schema.properties ?? {})) {
    const here = path === "" ? field : `${path}.${field}`;
    const words = FIELD_WORDS[here];
    if (words !== undefined) node.description = words;
    describeFields(node, here);
    if (node.items !== undefined) describeFields(node.items, here);
  }
}
