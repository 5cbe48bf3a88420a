// The API to read, made from its own OpenAPI document: nothing here can differ from what is served.

import { Layout } from "./layout.tsx";

/** The parts of an OpenAPI 3.1 document that are shown. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly "x-scopes"?: readonly string[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  readonly requestBody?: { content: Readonly<Record<string, { schema?: Schema }>> };
  readonly responses: Readonly<Record<string, { description: string; content?: Readonly<Record<string, { schema?: Schema }>> }>>;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly example?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

export function ApiDocs({ document }: { document: ApiDocument }) {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ path, method: method.toUpperCase(), operation }];
    }),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags ?? []))];
  return (
    <Layout title="The API · Countersign">
      <h1>{document.info.title}</h1>
      <p>
        <Prose text={document.info.description} />
      </p>
      <p>
        The same <a href="/api/v1/openapi.json">as an OpenAPI document</a>; policies are spelled as{" "}
        <a href="/api/v1/policy.schema.json">their JSON Schema</a> says.
      </p>
      {tags.map((tag) => (
        <section>
          <h2>{tag}</h2>
          {operations
            .filter(({ operation }) => operation.tags?.includes(tag))
            .map((each) => (
              <OperationView {...each} />
            ))}
        </section>
      ))}
      <h2>Shapes</h2>
      {Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => (
        <section id={`shape-${name}`}>
          <h3>{name}</h3>
          {schema.description !== undefined && (
            <p>
              <Prose text={schema.description} />
            </p>
          )}
          <Fields schema={schema} />
        </section>
      ))}
    </Layout>
  );
}

function OperationView({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const body = operation.requestBody?.content["application/json"]?.schema;
  const scopes = operation["x-scopes"] ?? [];
  const optional = (operation.parameters ?? []).filter((parameter) => parameter.in !== "path");
  return (
    <article>
      <h3>
        <code>
          {method} {path}
        </code>
      </h3>
      <p>
        <Prose text={operation.summary} />
      </p>
      {operation.description !== undefined && (
        <p>
          <Prose text={operation.description} />
        </p>
      )}
      <p class="meta">{scopes.length === 0 ? "No API token may do this." : `Scope of an API token: ${scopes.join(" or ")}`}</p>
      {optional.length > 0 && (
        <dl>
          {optional.map((parameter) => (
            <>
              <dt>
                <code>{parameter.name}</code> <span class="meta">{parameter.in}</span>
              </dt>
              <dd>
                <Prose text={parameter.description} />
              </dd>
            </>
          ))}
        </dl>
      )}
      {body !== undefined && (
        <>
          <h4>Body</h4>
          {body.$ref === undefined ? <Fields schema={body} /> : <TypeName schema={body} />}
        </>
      )}
      <h4>Answers</h4>
      <ul>
        {Object.entries(operation.responses).map(([status, response]) => (
          <li>
            {status}: {response.description}{" "}
            {Object.values(response.content ?? {})
              .slice(0, 1)
              .map(({ schema }) => schema !== undefined && <TypeName schema={schema} />)}
          </li>
        ))}
      </ul>
    </article>
  );
}

function Fields({ schema }: { schema: Schema }) {
  const parts = [schema, ...(schema.allOf ?? [])];
  const fields = parts.flatMap((part) => Object.entries(part.properties ?? {}).map((entry) => ({ entry, required: part.required ?? [] })));
  const bases = parts.filter((part) => part.$ref !== undefined);
  if (fields.length === 0 && bases.length === 0) return <p class="meta">No fields.</p>;
  return (
    <>
      {bases.map((base) => (
        <p>
          All fields of <TypeName schema={base} />
          {fields.length > 0 && ", and:"}
        </p>
      ))}
      <dl>
        {fields.map(({ entry: [name, field], required }) => (
          <>
            <dt>
              <code>{name}</code>{" "}
              <span class="meta">
                <TypeName schema={field} />
                {!required.includes(name) && ", optional"}
                {field.default !== undefined && `, default ${JSON.stringify(field.default)}`}
              </span>
            </dt>
            <dd>
              <Prose text={field.description} />
            </dd>
          </>
        ))}
      </dl>
    </>
  );
}

function TypeName({ schema }: { schema: Schema }) {
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return <a href={`#shape-${name}`}>{name}</a>;
  }
  if (schema.enum !== undefined) return <>{schema.enum.map((value) => JSON.stringify(value)).join(" | ")}</>;
  if (schema.items !== undefined) {
    return (
      <>
        list of <TypeName schema={schema.items} />
      </>
    );
  }
  const only = choices?.[0];
  if (only !== undefined) return <TypeName schema={only} />;
  const types = schema.type === undefined ? ["any"] : [schema.type].flat();
  return <>{types.join(" or ")}</>;
}

/** The one piece of Markdown that the document uses: code between backticks. */
function Prose({ text = "" }: { text?: string | undefined }) {
  return <>{text.split("`").map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}</>;
}
