// The size of the generated Kaa client in a program's bundle, without mqtt.js: clients minified and gzipped, without
// validators; parts of the package that work without a client minified only, with the validators that they use.
// Prints a table, or JSON with `--json`. The marks in marks.json may only fall: a test compares them.
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
const parts = {
  "one validator, minified": 'export { validateCexCommandRequest } from "kaa-device-client";',
  "one topic builder, minified": 'export { dcxJsonTopic } from "kaa-device-client";',
  "parseTopic, minified": 'export { parseTopic } from "kaa-device-client";',
};
const withoutValidators = {
  name: "without validators",
  setup: (bundler) =>
    bundler.onResolve({ filter: /validators\.js$/ }, ({ path }) => ({
      path,
      external: true,
      sideEffects: false,
    })),
};
const sizes = Object.fromEntries(
  await Promise.all([
    ...Object.entries(clients).map(async ([name, code]) => [
      name,
      gzipSync(await bundle(code, [withoutValidators]), { level: 9 }).length,
    ]),
    ...Object.entries(parts).map(async ([name, code]) => [name, (await bundle(code, [])).length]),
  ]),
);
if (process.argv.includes("--json")) console.log(JSON.stringify(sizes));
else {
  console.log("bundled without mqtt.js; clients gzipped, without validators".padEnd(60), "bytes", "   mark");
  for (const [name, bytes] of Object.entries(sizes))
    console.log(name.padEnd(58), String(bytes).padStart(7), String(marks[name]).padStart(7));
}

async function bundle(contents, plugins) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["mqtt"],
    write: false,
    plugins,
  });
  return outputFiles[0].contents;
}
