// What a person sees instead of a page: what happened, whether anything was signed, and where to go on.

import { Layout } from "./layout.tsx";

export interface ErrorWords {
  readonly title: string;
  /** One or two sentences. */
  readonly message: string;
}

export function ErrorPage({ title, message }: ErrorWords) {
  return (
    <Layout title={`${title} · Countersign`}>
      <h1>{title}</h1>
      <p>{message}</p>
      <p>
        <a class="button secondary" href="/">
          Go to the first page
        </a>
      </p>
    </Layout>
  );
}

/** In words for people; our own refusals say what to do, and keep their words where no page says it better. */
export function errorWords(code: string, message: string): ErrorWords {
  const own = `${message[0]?.toUpperCase() ?? ""}${message.slice(1)}.`;
  switch (code) {
    case "not-found":
      return { title: "No such page", message: "No such page, or it is not yours to see." };
    case "forbidden":
      return { title: "Not for you", message: own };
    case "conflict":
      return { title: "This cannot be done now", message: own };
    case "rate-limited":
      return { title: "Too many tries", message: own };
    case "locked":
      return { title: "Locked", message: `${own} Nothing was changed. An owner can unlock it.` };
    case "unavailable":
      return { title: "Not available now", message: `${own} Nothing was signed or changed. Requests wait; try again in a minute.` };
    default:
      return { title: "This did not work", message: own };
  }
}
