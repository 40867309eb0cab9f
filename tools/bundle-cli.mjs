// Replaces `dist/cli/main.js` by a few files with all that the commands need of the other folders: Node takes as long to find and
// link the three hundred modules of a run as to execute them. The mock and the runtime stay outside, because modules of
// users that the commands load import the same ones.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const SHARED = /^(?:mock|runtime)\//;

await build({
  entryPoints: { main: `${dist}cli/main.js`, "format-worker": `${dist}write/format-worker.js` },
  // As deep as the modules themselves, so that they find files by the same paths.
  outdir: `${dist}cli`,
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  // Names stay, for the reports of internal errors.
  minifyWhitespace: true,
  minifySyntax: true,
  allowOverwrite: true,
  absWorkingDir: dist,
  logLevel: "warning",
  plugins: [{ name: "shared", setup: leaveShared }],
});

function leaveShared({ onResolve }) {
  onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
    const target = relative(dist, fileURLToPath(new URL(path, `file://${resolveDir}/`))).replaceAll(
      "\\",
      "/",
    );
    return SHARED.test(target) ? { path: `../${target}`, external: true } : undefined;
  });
}
