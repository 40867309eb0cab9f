import { existsSync } from "node:fs";
import { formatText } from "../diagnostics/index.js";
import { loadApi } from "../load-api.js";
import type { ApiModel } from "../model/index.js";
import { colorOn, type ExitCode } from "./console.js";
import { jobsOrExit, type JobOptions } from "./jobs.js";
import { mockAddress } from "./mock-settings.js";

/** The APIs that a message can be about, and the arguments without the spec. */
export interface ExchangeTargets {
  readonly apis: readonly { readonly model: ApiModel; readonly url: string }[];
  /** Resource, parameters, payload. */
  readonly args: readonly string[];
}

/**
 * Finds what `push` and `call` are about. The first argument is the spec if it looks like one; otherwise the project's
 * configuration names the specs, and the broker is the mock of the job.
 */
export async function exchangeTargets(
  command: string,
  words: readonly string[],
  options: JobOptions & { readonly url?: string },
): Promise<ExchangeTargets | ExitCode> {
  const [first] = words;
  const hasSpec = first !== undefined && isSpec(first);
  const jobs = await jobsOrExit(command, hasSpec ? first : undefined, options);
  if (typeof jobs === "number") return jobs;
  const apis: { model: ApiModel; url: string }[] = [];
  for (const [index, job] of jobs.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- the first spec with errors ends the command
    const { model, diagnostics, sources } = await loadApi(job.spec, job);
    if (!model) {
      process.stderr.write(formatText(diagnostics, { sources, color: colorOn(process.stderr) }));
      return 1;
    }
    const { host, port } = mockAddress(job, index, {});
    apis.push({ model, url: options.url ?? `mqtt://${host}:${port}` });
  }
  return { apis, args: hasSpec ? words.slice(1) : words };
}

/** Whether an argument names a file instead of a resource. */
function isSpec(word: string): boolean {
  return /\.(?:ya?ml|json)$/.test(word) || word.includes("/") || existsSync(word);
}
