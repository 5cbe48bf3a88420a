// What a person sees instead of a page: what happened, and where to go on.

import { Layout } from "./layout.tsx";

export function ErrorPage({ title, message }: { title: string; message: string }) {
  return (
    <Layout title={`${title} · Countersign`}>
      <h1>{title}</h1>
      <p>{message}</p>
      <p>
        <a href="/">To the first page</a>
      </p>
    </Layout>
  );
}
