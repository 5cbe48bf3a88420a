// Something the person at the keyboard can mend: shown as one sentence, without a stack.

export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** Runs a tool to its end. A SetupError and a wrong option are said plainly, anything else with its stack; all exit with 1. */
export async function runTool(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetupError || isWrongOption(error) ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** What parseArgs says of the command line. */
function isWrongOption(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}
