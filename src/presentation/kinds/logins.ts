// Logins: to relays, to websites, to media servers. Nothing is published; whoever asks for them learns who is there.

import { hostOf } from "../../policy/hosts.ts";
import { count } from "../../policy/duration.ts";
import type { Part, Sentence } from "../presentation.ts";
import { nameWarnings } from "../links.ts";
import { quote } from "../quote.ts";
import { BY_THE_APP, firstValue, say, valuesOf, type Scene, type Shown } from "../scene.ts";
import { dateOff, roughly, warn, type RankedWarning } from "../warning.ts";
import { host, said } from "../words.ts";

/** NIP-98: servers take them for about a minute. */
const TOO_LATE_SECONDS = 45;
const MAX_ADDRESS_CHARACTERS = 2_000;

export function relayLogin(scene: Scene): Shown {
  const { event, material } = scene;
  const address = firstValue(event, "relay") ?? "";
  const name = hostOf(address);
  const warnings: RankedWarning[] = [...(name === undefined ? [unreadable("relay")] : nameWarnings([name]))];
  if (name !== undefined && !material.isFamiliar(`relay/${name}`)) {
    const fact: Sentence = ["This bunker does not know the relay ", host(name), "."];
    warnings.push(
      warn("new", `relay-${name}`, fact, "Its operator learns that this identity is there.", "Approve it only if you know that relay."),
    );
  }
  if ((firstValue(event, "challenge") ?? "") === "") {
    const consequence = "Whoever gets hold of this login could use it as well.";
    warnings.push(
      warn("deceptive", "no-challenge", ["It carries no challenge of the relay."], consequence, "Reject it: a real login has one."),
    );
  }
  return {
    phrase: "Log in to a relay",
    wish: "log in to a relay",
    parts: [place("Relay", address, name), say("Not published. Tells this relay who is connecting."), ...words(scene)],
    warnings: [...warnings, ...dateOff(event, material)],
  };
}

const METHODS: Readonly<Record<string, string>> = {
  GET: "read",
  HEAD: "look",
  POST: "send",
  PUT: "replace",
  PATCH: "change",
  DELETE: "delete",
};
const SENDS: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

export function webLogin(scene: Scene): Shown {
  const { event, material } = scene;
  const address = firstValue(event, "u") ?? "";
  const name = hostOf(address);
  const method = firstValue(event, "method")?.toUpperCase() ?? "";
  const meaning = METHODS[method];
  const warnings: RankedWarning[] = [...(name === undefined ? [unreadable("website")] : nameWarnings([name]))];
  if (name !== undefined && !material.isFamiliar(`host/${name}`)) {
    const fact: Sentence = ["This identity never logged in to, or linked to, ", host(name), "."];
    warnings.push(
      warn("new", `host-${name}`, fact, "That site learns who is there, and acts in this name.", "Approve it only if you know that site."),
    );
  }
  if (SENDS.has(method) && (firstValue(event, "payload") ?? "") === "") {
    const fact = "It sends data without its fingerprint: what is sent cannot be checked.";
    warnings.push(
      warn("loss", "no-payload", [fact], "The app can send anything with it.", "Approve it only if you trust the app with that."),
    );
  }
  const age = Math.floor(material.now / 1000) - event.created_at;
  if (age > TOO_LATE_SECONDS) {
    const fact = `Probably too late: it is ${roughly(age)} old, and the app will have to ask again.`;
    warnings.push(
      warn("unusual", "too-late", [fact], "Sites take such a login for about a minute.", "Approving it does no harm; it may not help."),
    );
  }
  const action: Sentence = meaning === undefined ? (method === "" ? ["not said"] : [said(method)]) : [`${meaning} (${method})`];
  return {
    phrase: "Log in to a website",
    wish: "log in to a website",
    parts: [
      place("Website", address, name, [{ label: "Does", value: action }]),
      say("Valid for about a minute. It proves this identity to that site and no other."),
      ...words(scene),
    ],
    warnings,
  };
}

const MEDIA_ACTIONS: Readonly<Record<string, string>> = {
  upload: "upload a file",
  delete: "delete a file",
  get: "read a file",
  list: "list files",
  media: "upload and process a file",
};

export function mediaLogin(scene: Scene): Shown {
  const { event, material } = scene;
  const action = firstValue(event, "t") ?? "";
  const servers = valuesOf(event, "server");
  const hashes = valuesOf(event, "x");
  const expires = Number(firstValue(event, "expiration") ?? Number.NaN);
  const seconds = Math.floor(expires - material.now / 1000);
  const rows: { label: string; value: Sentence }[] = [
    { label: "Does", value: [MEDIA_ACTIONS[action] ?? (action === "" ? "not said" : said(action))] },
    { label: "Server", value: servers.length === 0 ? ["any (none is named)"] : [said(servers.join(", "), 200)] },
    { label: "Files", value: [hashes.length === 0 ? "any (none is named)" : count(hashes.length, "file")] },
    { label: "Valid", value: [Number.isFinite(expires) ? (seconds > 0 ? `for ${roughly(seconds)}` : "no longer") : "without end"] },
  ];
  const open = "Whoever gets hold of it can use it wherever this identity keeps files.";
  return {
    phrase: "Log in to a media server",
    wish: "log in to a media server",
    parts: [{ part: "facts", rows }, say("Not published. Tells the server who is asking."), ...words(scene)],
    warnings: [
      ...(action === "delete"
        ? [
            warn(
              "loss",
              "deletes-files",
              ["It deletes files."],
              "Posts that show them lose their pictures.",
              "Approve it only if these files shall go.",
            ),
          ]
        : []),
      ...(servers.length === 0 || hashes.length === 0
        ? [
            warn(
              "new",
              "open-media-login",
              ["It is not bound to one server and its files."],
              open,
              "Reject it if the app can ask for less.",
            ),
          ]
        : []),
      ...dateOff(event, material),
    ],
  };
}

type FactRow = Extract<Part, { part: "facts" }>["rows"][number];

function place(label: string, address: string, name: string | undefined, more: FactRow[] = []): Part {
  const whole = { label: "Full address", value: address === "" ? ["none is given"] : [said(address, MAX_ADDRESS_CHARACTERS)] };
  return { part: "facts", rows: [...(name === undefined ? [] : [{ label, value: [host(name)] }]), ...more, whole] };
}

/** Logins have no text; where an app puts some, it is shown. */
function words({ event }: Scene): Part[] {
  return event.content === "" ? [] : [{ part: "quote", label: BY_THE_APP, text: quote(event.content) }];
}

function unreadable(what: string): RankedWarning {
  const consequence = "Nobody can say who takes this login.";
  return warn(
    "deceptive",
    "unreadable-address",
    [`The address of the ${what} cannot be read.`],
    consequence,
    "Reject it: a real login names its address.",
  );
}
