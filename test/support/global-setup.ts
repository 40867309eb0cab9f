import { join } from "node:path";
import { build } from "esbuild";

/** `npm run kaa` as one file of plain JavaScript: tests start it some fifty times, without a loader for TypeScript. */
export default async function setup(): Promise<void> {
  const root = join(import.meta.dirname, "../..");
  await build({
    entryPoints: [join(root, "examples/kaa-platform/main.ts")],
    // As deep below the root as its source: it finds the spec by its own path.
    outfile: join(root, "test/.tmp/kaa-platform.mjs"),
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
}
