import type { CliJob } from "./jobs.js";

/** The port of MQTT. */
const DEFAULT_PORT = 1883;

/**
 * The address of a job's mock. Each job has a port of its own, counted from that of the first; 0 stands for any free port.
 *
 * @param index Number of jobs before it.
 */
export function mockAddress(
  { mock }: CliJob,
  index: number,
  options: { readonly port?: number; readonly host?: string },
): { readonly host: string; readonly port: number } {
  const own = options.port === undefined ? mock?.port : undefined;
  const first = options.port ?? DEFAULT_PORT;
  return {
    host: options.host ?? mock?.host ?? "127.0.0.1",
    port: own ?? (first === 0 ? 0 : first + index),
  };
}
