// Something the person at the keyboard can mend: shown as one sentence, without a stack.

export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** Runs a tool to its end. A SetupError is said plainly, anything else with its stack; both exit with 1. */
export async function runTool(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
