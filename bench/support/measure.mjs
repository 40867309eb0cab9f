import { spawn } from "node:child_process";

/** Makes a child report its peak memory on file descriptor 3 when it ends. */
const REPORT = `data:text/javascript,${encodeURIComponent(
  'import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));',
)}`;

/**
 * Runs `node <args>` as a whole process and gives its wall time in seconds, its peak memory in MB, and the number that
 * it printed, if it printed one. `cwd` is its working directory, by default that of this process.
 * Rejects if it exits with another code than 0.
 */
export function run(args, cwd) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, ["--import", REPORT, ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const texts = ["", "", ""];
    for (const [index, stream] of [child.stdout, child.stderr, child.stdio[3]].entries()) {
      stream.on("data", (chunk) => (texts[index] += chunk));
    }
    child.on("close", (code) => {
      const seconds = (performance.now() - start) / 1000;
      if (code !== 0) reject(new Error(`node ${args.join(" ")} ended with ${code}:\n${texts[0]}${texts[1]}`));
      else resolve({ seconds, megabytes: Number(texts[2]) / 1024, printed: Number(texts[0]) });
    });
  });
}

/** The middle one of some numbers. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * Runs each contender once to warm the disk, then all of them in turn, `rounds` times, so that a machine that slows
 * down slows all of them. Gives the medians, by name. `prepare` runs before every run.
 */
export async function compare(contenders, rounds, progress) {
  const results = new Map(contenders.map(({ name }) => [name, { seconds: [], megabytes: [], printed: [] }]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, args, prepare, cwd } of contenders) {
      progress?.(`${name}, ${round === 0 ? "warm-up" : `${round} of ${rounds}`}`);
      await prepare?.();
      const { seconds, megabytes, printed } = await run(args, cwd);
      if (round === 0) continue;
      results.get(name).seconds.push(seconds);
      results.get(name).megabytes.push(megabytes);
      results.get(name).printed.push(printed);
    }
  }
  return new Map(
    [...results].map(([name, { seconds, megabytes, printed }]) => [
      name,
      { seconds: median(seconds), megabytes: median(megabytes), printed: median(printed) },
    ]),
  );
}

/** Says on a terminal what is being done; nothing when piped. */
export function progressLine() {
  if (!process.stderr.isTTY) return { say: undefined, end: () => {} };
  return {
    say: (text) => process.stderr.write(`\r\x1b[K${text}`),
    end: () => process.stderr.write("\r\x1b[K"),
  };
}
