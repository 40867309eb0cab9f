/** A request of a device. */
export interface Step {
  /** Extension and resource, as the spec spells them. */
  readonly resource: string;
  readonly topic: string;
  readonly sent?: unknown;
  readonly run: () => Promise<unknown>;
}

/** Prints one line. */
export type Print = (line: string) => void;

/** Runs steps in order and prints a line for each. Returns the number of failed steps. */
export async function report(steps: readonly Step[], print: Print): Promise<number> {
  let failed = 0;
  for (const { resource, topic, sent, run } of steps) {
    const request = `${resource.padEnd(16)} ${topic}  ${textOf(sent)}`;
    try {
      print(`ok    ${request} -> ${textOf(await run())}`);
    } catch (error) {
      failed += 1;
      print(`FAIL  ${request} -> ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed;
}

function textOf(value: unknown): string {
  if (value === undefined) return "(empty)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 90 ? `${text.slice(0, 87)}...` : text;
}
