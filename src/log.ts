// One structured line a happening. The only file that touches the console. Never a URL's query, a token, a body or a parameter.

type Level = "info" | "warn" | "error";
type Field = string | number | boolean | null | undefined;

export type LogFields = Readonly<Record<string, Field>>;

export function logInfo(event: string, fields: LogFields = {}): void {
  write("info", event, fields);
}

export function logWarning(event: string, fields: LogFields = {}): void {
  write("warn", event, fields);
}

/** An error that nobody expected: its name and where it was thrown, never its message, which may quote what was being read. */
export function logError(event: string, fields: Readonly<Record<string, unknown>>): void {
  const { error, ...rest } = fields;
  write("error", event, { ...(rest as LogFields), ...describeError(error) });
}

/** A mail, links and all, for the operator of a local instance who has no mail server. Never called for a deployment. */
export function printForOperator(text: string): void {
  // oxlint-disable-next-line eslint/no-console -- the other thing that is written to the terminal
  console.log(text);
}

function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  return { error: error.name, at: placesOf(error.stack) };
}

const MAX_PLACES = 6; // enough to find the line, and no page of frames

// A stack's first lines hold the message; the places are the lines that begin with "at".
function placesOf(stack: string | undefined): string {
  const lines = (stack ?? "").split("\n").map((line) => line.trim());
  const places = lines.filter((line) => line.startsWith("at "));
  return places
    .slice(0, MAX_PLACES)
    .map((line) => line.replace(/^at /, "").replace(/\?[^\s):]*/g, ""))
    .join(" < ");
}

function write(level: Level, event: string, fields: LogFields): void {
  const line = JSON.stringify({ level, event, ...fields });
  // oxlint-disable-next-line eslint/no-console -- the one place that writes the log
  console[level](line);
}
