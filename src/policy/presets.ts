// Policies that every bunker has, read-only and invitable by name. Each says what it can do and what it cannot.

import type { PolicyDocument } from "./schema.ts";
import { parsePolicy, type Policy } from "./document.ts";
import { PROTECTED_KINDS } from "./protected.ts";

export interface Preset {
  readonly policy: Policy;
  /** On the card where a person chooses. */
  readonly title: string;
  readonly can: string;
  readonly cannot: string;
  /** True where the choice deserves a warning. */
  readonly risky: boolean;
}

/** Names in the order in which they are offered. */
export const PRESET_NAMES = ["ask-everything", "bot-notes", "social-client", "dm-client", "read-only", "full-access"] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

interface Described {
  readonly title: string;
  readonly can: string;
  readonly cannot: string;
  readonly risky?: true;
  readonly document: PolicyDocument;
}

const DESCRIBED: Readonly<Record<PresetName, Described>> = {
  "ask-everything": {
    title: "Ask everything",
    can: "Nothing by itself: a person approves each request.",
    cannot: "Sign, encrypt or read anything before a person has said yes.",
    document: { name: "ask-everything", default: "ask", rules: [] },
  },

  "bot-notes": {
    title: "Posts notes, asks for the rest",
    can: "Sign up to 30 notes in any hour and 200 in any day.",
    cannot:
      "Do anything else without a person: no replies to more than 10 people at once, no profile, no deletions, no logins, no messages.",
    document: {
      name: "bot-notes",
      default: "ask",
      rules: [
        {
          id: "notes",
          description: "Notes, as many as a busy bot writes; more wait for a person.",
          effect: "allow",
          kinds: [1],
          content: { mentions: { max: 10 } },
          budgets: [
            { max: 30, per: "hour" },
            { max: 200, per: "day" },
          ],
          over: "ask",
        },
      ],
    },
  },

  "social-client": {
    title: "Everyday social app",
    can: "Sign notes, replies, reposts, reactions, pictures, polls, articles, zap requests and lists; keep the follow list; log in to relays; upload media.",
    cannot:
      "Change profile or relay list, delete, log in to websites, or read and write private messages without a person. Large losses of follows ask too.",
    document: {
      name: "social-client",
      default: "ask",
      rules: [
        {
          id: "posts",
          description: "What people write and react with all day.",
          effect: "allow",
          kinds: [1, 6, 7, 16, 20, 21, 22, 1018, 1068, 1111, 1222, 1311, 9734, 9802, 30_023, 30_024, 30_315],
          budgets: [
            { max: 120, per: "minute" },
            { max: 600, per: "hour" },
          ],
          over: "ask",
        },
        {
          id: "lists",
          description: "Mutes, pins, bookmarks, sets: unless an older version would undo a newer one.",
          effect: "allow",
          kinds: [10_000, 10_001, 10_003, 10_004, 10_005, 10_015, 10_030, 30_000, 30_001, 30_003, 30_004],
          guards: ["stale-replaceable"],
          budgets: [{ max: 60, per: "hour" }],
          over: "ask",
        },
        {
          id: "follows",
          description: "The follow list, as long as it is not an older version and no more than one follow in ten is lost.",
          effect: "allow",
          kinds: [3],
          guards: ["stale-replaceable", { guard: "mass-unfollow", share: 0.1 }],
          budgets: [{ max: 60, per: "hour" }],
          over: "ask",
        },
        {
          id: "relay-logins",
          description: "Logins to relays: they prove who is connecting, to that relay alone.",
          effect: "allow",
          kinds: [22_242],
          budgets: [{ max: 120, per: "hour" }],
          over: "ask",
        },
        {
          id: "uploads",
          description: "Uploads to media servers; deleting there asks.",
          effect: "allow",
          kinds: [24_242],
          tags: { required: [{ name: "t", values: ["upload"] }] },
          budgets: [{ max: 30, per: "hour" }],
          over: "ask",
        },
      ],
    },
  },

  "dm-client": {
    title: "Private messages",
    can: "Read and write private messages (NIP-17), up to 600 read in any hour; log in to relays where they wait.",
    cannot: "Publish anything in the open, or use the old message format, without a person.",
    document: {
      name: "dm-client",
      default: "ask",
      rules: [
        {
          id: "write",
          description: "Encrypts messages, and signs the seals that hold them.",
          effect: "allow",
          methods: ["nip44_encrypt"],
          budgets: [{ max: 600, per: "hour" }],
          over: "ask",
        },
        { id: "seals", effect: "allow", kinds: [13], budgets: [{ max: 600, per: "hour" }], over: "ask" },
        {
          id: "read",
          description: "Reading one message takes two decryptions: of the wrap, and of the seal in it.",
          effect: "allow",
          methods: ["nip44_decrypt"],
          budgets: [
            { max: 1200, per: "hour" },
            { max: 10_000, per: "day" },
          ],
          over: "ask",
        },
        {
          id: "own-copies",
          description: "Every message sent is also kept as a copy that only the sender can read.",
          effect: "allow",
          methods: ["nip44_encrypt", "nip44_decrypt"],
          counterparties: ["self"],
          budgets: [{ max: 1200, per: "hour" }],
          over: "ask",
        },
        {
          id: "relay-logins",
          description: "Relays hand out private messages only to whom they are for.",
          effect: "allow",
          kinds: [22_242],
          budgets: [{ max: 120, per: "hour" }],
          over: "ask",
        },
      ],
    },
  },

  "read-only": {
    title: "Only reads",
    can: "Learn the public key, and with it read everything that is public.",
    cannot: "Sign, encrypt or decrypt anything, and nobody is asked.",
    document: { name: "read-only", default: "deny", rules: [] },
  },

  "full-access": {
    title: "Everything (not advised)",
    can: "Sign anything, logins and deletions included; encrypt, and read messages up to 10,000 in any hour.",
    cannot: "Log in to this console. Nothing else stops it.",
    risky: true,
    document: {
      name: "full-access",
      default: "ask",
      rules: [
        {
          id: "events",
          description: "Every kind; the protected ones by their number.",
          effect: "allow",
          kinds: ["0-65535", ...PROTECTED_KINDS],
        },
        { id: "write", effect: "allow", methods: ["nip04_encrypt", "nip44_encrypt"] },
        {
          id: "read",
          effect: "allow",
          methods: ["nip04_decrypt", "nip44_decrypt"],
          budgets: [{ max: 10_000, per: "hour" }],
          over: "ask",
        },
        { id: "write-to-self", effect: "allow", methods: ["nip04_encrypt", "nip44_encrypt"], counterparties: ["self"] },
        {
          id: "read-own",
          effect: "allow",
          methods: ["nip04_decrypt", "nip44_decrypt"],
          counterparties: ["self"],
          budgets: [{ max: 10_000, per: "hour" }],
          over: "ask",
        },
      ],
    },
  },
};

let parsed: ReadonlyMap<string, Preset> | undefined;

/** Every preset by its name, parsed by the same parser as anybody's policy, on first use. */
export function presets(): ReadonlyMap<string, Preset> {
  return (parsed ??= new Map(PRESET_NAMES.map((name) => [name, describe(DESCRIBED[name])])));
}

/** The preset of that name, or undefined. */
export function presetNamed(name: string): Preset | undefined {
  return presets().get(name);
}

export function isPresetName(name: string): name is PresetName {
  return PRESET_NAMES.some((preset) => preset === name);
}

function describe({ document, title, can, cannot, risky }: Described): Preset {
  const result = parsePolicy({ ...document, description: `Can: ${can} Cannot: ${cannot}` });
  if (!result.ok)
    throw new Error(`preset ${document.name}: ${result.problems.map(({ path, message }) => `${path}: ${message}`).join("; ")}`);
  return { policy: result.policy, title, can, cannot, risky: risky === true };
}
