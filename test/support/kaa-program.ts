import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A process that runs the Kaa platform. */
export interface KaaProgram {
  readonly url: string;
  readonly port: number;
  readonly httpUrl: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Ends the process as Ctrl-C does, or with another signal. Returns its exit code, or null if the signal killed it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the Kaa platform on free ports, and waits until it is listening. Rejects with its output if it ends before. */
export async function startKaaProgram(...args: readonly string[]): Promise<KaaProgram> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["test/.tmp/kaa-platform.mjs", "--port", "0", ...args],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, "close");
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", () => stdout.includes("stop with Ctrl-C") && resolve());
    void exited.then(([code]) => reject(new Error(`kaa ended with ${String(code)}: ${stderr}`)));
  });
  const [, url = "", port = ""] = /(mqtt:\/\/[^:]+:(\d+))/.exec(stdout) ?? [];
  const [httpUrl = ""] = /http:\/\/[^ ]+/.exec(stdout) ?? [];
  return {
    url,
    port: Number(port),
    httpUrl,
    stdout: () => stdout,
    stderr: () => stderr,
    async stop(signal = "SIGINT") {
      child.kill(signal);
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}
