// `/api/docs`: the API to read, without script.

import { Hono } from "hono";
import { ApiDocs, type ApiDocument } from "../../views/api-docs.tsx";
import { apiDocument } from "../api/document.ts";
import type { AppEnv } from "../context.ts";

export const apiDocs = new Hono<AppEnv>().get("/api/docs", (c) => {
  return c.html(<ApiDocs document={apiDocument() as ApiDocument} />);
});
