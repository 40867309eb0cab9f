// What a program ships of the generated Kaa client, bundled, minified and gzipped, without mqtt.js and without validators.
// With `--json` only the figures. The marks in marks.json may only fall: a test holds them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const marks = JSON.parse(readFileSync(new URL("./marks.json", import.meta.url), "utf8"));

const clients = {
  "one extension": 'export { connect } from "kaa-device-client/dcx";',
  "one extension that pushes": 'export { connect } from "kaa-device-client/cex";',
  "all six extensions": 'export { connect } from "kaa-device-client";',
};
const sizes = Object.fromEntries(
  await Promise.all(Object.entries(clients).map(async ([name, contents]) => [name, await sizeOf(contents)])),
);
if (process.argv.includes("--json")) console.log(JSON.stringify(sizes));
else {
  console.log("minified and gzipped, without mqtt.js and validators".padEnd(60), "bytes", "   mark");
  for (const [name, bytes] of Object.entries(sizes))
    console.log(name.padEnd(58), String(bytes).padStart(7), String(marks[name]).padStart(7));
}

async function sizeOf(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["mqtt"],
    write: false,
    plugins: [
      {
        name: "without validators",
        setup: (bundler) =>
          bundler.onResolve({ filter: /validators\.js$/ }, ({ path }) => ({ path, external: true })),
      },
    ],
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}
