// How many packages `npm install topicsmith` brings, and how large they are: packs this package, and installs the tarball in
// an empty folder with the npm registry. Prints a table, or JSON with `--json`. Fails if a number is above its mark in
// install-marks.json. The marks may only fall.
import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const marks = JSON.parse(readFileSync(new URL("./install-marks.json", import.meta.url), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "topicsmith-install-"));

try {
  // Scripts are off, so that packing does not rebuild what others measure at the same time.
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
  });
  const tarball = join(folder, packed.trim().split("\n").at(-1));
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", tarball], { cwd: folder });
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  const installed = Object.keys(lock.packages).filter((path) => path !== "");
  const sizes = installed.map((path) => ({ path, bytes: ownSize(join(folder, path)) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const result = { packages: installed.length, megabytes: Math.ceil(total / 1e6) };
  if (process.argv.includes("--json")) console.log(JSON.stringify(result));
  else {
    console.log("what npm install topicsmith brings".padEnd(50), "found", "   mark");
    for (const [name, value] of Object.entries(result))
      console.log(name.padEnd(48), String(value).padStart(7), String(marks[name]).padStart(7));
    const largest = sizes.toSorted((a, b) => b.bytes - a.bytes).slice(0, 8);
    for (const { path, bytes } of largest)
      console.log(`  ${path.replace(/^.*node_modules\//, "")}`.padEnd(48), `${(bytes / 1e6).toFixed(1)} MB`);
  }
  for (const [name, value] of Object.entries(result)) {
    if (value <= marks[name]) continue;
    console.error(`${name}: ${value} is above the mark of ${marks[name]}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The size of a package's files in bytes, without the packages nested in it. */
function ownSize(path) {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    if (entry.name === "node_modules" || entry.isSymbolicLink()) return sum;
    const inside = join(path, entry.name);
    return sum + (entry.isDirectory() ? ownSize(inside) : lstatSync(inside).size);
  }, 0);
}
