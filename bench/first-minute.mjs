/** Prints how long it takes from an empty folder to a green test, with what a new user types. Needs the npm registry. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "topicsmith-first-minute-"));
/** A minute is the promise of the name; two are the limit, because an installation depends on the network. */
const MAX_SECONDS = 120;

const run = (command, cwd) => execFileSync("sh", ["-c", command], { cwd, encoding: "utf8", stdio: "pipe" });

try {
  const packed = run(`npm pack --silent --ignore-scripts --pack-destination ${folder}`, root);
  const tarball = join(folder, packed.trim().split("\n").at(-1));
  const project = join(folder, "kettle");
  mkdirSync(project);
  const commands = [
    `npm install --save-dev ${tarball}`,
    "npx topicsmith init",
    "npx topicsmith generate",
    "npm install",
    "npx tsc --noEmit",
    "npx vitest run",
  ];
  let total = 0;
  for (const command of commands) {
    const start = performance.now();
    run(command, project);
    const seconds = (performance.now() - start) / 1000;
    total += seconds;
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${command.replace(tarball, "topicsmith")}`);
  }
  console.log(
    `${total.toFixed(1).padStart(6)} s  from an empty folder to a green test (limit: ${MAX_SECONDS} s)`,
  );
  if (total > MAX_SECONDS) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
