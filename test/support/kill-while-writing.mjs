// Loaded with --import: counts the changes of files below the folder KILL_FOLDER, and ends the process with SIGKILL at the
// change of the number KILL_AT. At the end of a process that is not killed, writes the number to the file KILL_COUNT.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve } from "node:path";

const folder = resolve(process.env["KILL_FOLDER"] ?? "");
const killAt = Number(process.env["KILL_AT"] ?? 0);
let count = 0;

function isInside(path) {
  return typeof path === "number" || resolve(String(path)).startsWith(folder);
}

for (const name of [
  "mkdirSync",
  "openSync",
  "writeFileSync",
  "renameSync",
  "unlinkSync",
  "rmdirSync",
  "rmSync",
]) {
  const original = fs[name];
  fs[name] = (path, ...rest) => {
    const isChange =
      isInside(path) && (name !== "openSync" || (Number(rest[0]) & fs.constants.O_CREAT) !== 0);
    if (isChange && ++count === killAt) {
      // A process can also be killed in the middle of a file.
      if (name === "writeFileSync") original(path, String(rest[0]).slice(0, String(rest[0]).length / 2));
      process.kill(process.pid, "SIGKILL");
    }
    return original(path, ...rest);
  };
}
syncBuiltinESMExports();
process.on("exit", () => {
  const file = process.env["KILL_COUNT"];
  if (file !== undefined) fs.appendFileSync(file, String(count));
});
