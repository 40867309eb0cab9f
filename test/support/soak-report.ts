/** Prints the report of a soak as JSON, then ends the process. Without the wait, the end of a report longer than the pipe's buffer is lost. */
export function endWith(report: object): void {
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
}
