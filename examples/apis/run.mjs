/** Generates the package of an API, and runs its example: `npm run example shelly`. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));
const [name] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run example <${names.join(" | ")}>`);
  process.exit(2);
}
if (!existsSync(join(root, "dist"))) {
  console.error("dist/ is missing; run npm run build");
  process.exit(2);
}
for (const args of [
  ["dist/cli/main.js", "generate", `spec/${name}/${name}.yaml`, "--quiet"],
  ["--import", "tsx", `examples/apis/${name}.ts`],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
