import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

/** Whether Debian's mosquitto-clients are there. */
export const hasMosquittoClients = ["pub", "sub", "rr"].every((tool) =>
  existsSync(`/usr/bin/mosquitto_${tool}`),
);

/** Runs one of them against a broker on this machine, speaking MQTT 3.1.1, and gives what it prints. */
export async function mosquitto(
  tool: "pub" | "sub" | "rr",
  port: number,
  ...args: readonly string[]
): Promise<string> {
  const { stdout } = await promisify(execFile)(`mosquitto_${tool}`, [
    "-V",
    "311",
    "-p",
    String(port),
    ...args,
  ]);
  return stdout;
}
