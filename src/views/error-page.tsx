// What a person sees instead of a page: what happened, whether anything was signed, and where to go on.

import type { RolesRefused } from "../result.ts";
import { Layout, type FramePerson } from "./layout.tsx";

export interface ErrorWords {
  readonly title: string;
  /** One or two sentences. */
  readonly message: string;
}

export function ErrorPage({ title, message, person }: ErrorWords & { readonly person?: FramePerson | undefined }) {
  return (
    <Layout title={`${title} · Countersign`} person={person} narrow={person !== undefined}>
      <h1>{title}</h1>
      <p>{message}</p>
      <p>
        <a class="button secondary" href="/">
          {person === undefined ? "Go to the first page" : "Go to Home"}
        </a>
      </p>
    </Layout>
  );
}

/** "Approvers cannot do this. ana@example.org or another owner can." */
export function rolesWords({ is, needs }: RolesRefused, able: readonly string[]): ErrorWords {
  const [first, ...others] = [...new Set(able)];
  const role = needs.length === 1 ? (needs[0] ?? "") : `${needs.slice(0, -1).join(", ")} or ${needs.at(-1) ?? ""}`;
  const who = first === undefined ? "Nobody here can." : others.length === 0 ? `${first} can.` : `${first} or another ${role} can.`;
  return { title: "Not for you", message: `${is[0]?.toUpperCase() ?? ""}${is.slice(1)}s cannot do this. ${who} Nothing was changed.` };
}

/** In words for people; our own refusals say what to do, and keep their words where no page says it better. */
export function errorWords(code: string, message: string, requestId: string): ErrorWords {
  const own = `${message[0]?.toUpperCase() ?? ""}${message.slice(1)}.`;
  switch (code) {
    case "not-found":
      return { title: "No such page", message: "Nothing is at this address, or it is not yours to see." };
    case "forbidden":
      return { title: "Not for you", message: own };
    case "conflict":
      return { title: "This cannot be done now", message: own };
    case "rate-limited":
      return { title: "Too many tries", message: own };
    case "locked":
      return { title: "Locked", message: `${own} Nothing was changed. An owner can unlock it.` };
    case "unavailable":
      return { title: "Not available now", message: `${own} Nothing was signed. Requests wait at the relay; try again in a minute.` };
    case "internal":
      return {
        title: "Something went wrong here",
        message: `That is our fault. Go back and see whether your last step is there, then try again; the activity shows all that was signed. If it stays so, tell the operator this number: ${requestId}.`,
      };
    default:
      return { title: "This did not work", message: own };
  }
}
