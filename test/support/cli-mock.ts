import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const bin = join(import.meta.dirname, "../../dist/cli/main.js");

/** A process that runs `topicsmith mock`. */
export interface CliMock {
  readonly url: string;
  readonly port: number;
  readonly ws: string | undefined;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Ends the process as Ctrl-C does, and returns its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `topicsmith mock` on a free port, and waits until it is listening. */
export async function startCliMock(spec: string, ...args: readonly string[]): Promise<CliMock> {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [
    bin,
    "mock",
    spec,
    "--port",
    "0",
    ...args,
  ]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => stdout.includes("listening on") && resolve());
    void exited.then(([code]) => reject(new Error(`topicsmith mock ended with ${code}: ${stderr}`)));
  });
  const [, url = "", port = ""] = /(mqtt:\/\/\S+:(\d+))/.exec(stdout) ?? [];
  return {
    url,
    port: Number(port),
    ws: /ws:\/\/\S+/.exec(stdout)?.[0],
    stdout: () => stdout,
    stderr: () => stderr,
    async stop(signal = "SIGINT") {
      child.kill(signal);
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}
