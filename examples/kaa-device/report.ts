/** One thing that a device did, and what came of it. */
export interface Step {
  /** Extension and resource, as the spec spells them. */
  readonly resource: string;
  readonly topic: string;
  readonly sent?: unknown;
  readonly run: () => Promise<unknown>;
}

/** Prints one line. */
export type Print = (line: string) => void;

/** Runs the steps one after the other, prints a line for each, and gives how many failed. */
export async function report(steps: readonly Step[], print: Print): Promise<number> {
  let failed = 0;
  for (const { resource, topic, sent, run } of steps) {
    const asked = `${resource.padEnd(16)} ${topic}  ${show(sent)}`;
    try {
      print(`ok    ${asked} -> ${show(await run())}`);
    } catch (error) {
      failed += 1;
      print(`FAIL  ${asked} -> ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed;
}

function show(value: unknown): string {
  if (value === undefined) return "(empty)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 90 ? `${text.slice(0, 87)}...` : text;
}
