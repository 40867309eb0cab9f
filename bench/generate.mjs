// How long generating takes, as whole processes, beside json-schema-to-typescript alone on the same schemas.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCopies } from "./support/copies.mjs";
import { compare, progressLine, run } from "./support/measure.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "dist/cli/main.js");
const spec = join(root, "spec/kaa");
const peer = fileURLToPath(new URL("./support/types-only.mjs", import.meta.url));
const libraries = fileURLToPath(new URL("./support/load-libraries.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "topicsmith-bench-"));
const progress = progressLine();
const FAMILY = "generate 128 schema files, cold";
const EDITED = "generate 280 resources, one edited";

// Without `node_modules` above the working directory, no formatted text is kept from run to run.
process.chdir(folder);

const generate = (path, out) => [bin, "generate", path, "--out", out, "--quiet"];
const fresh = (name, path, out) => ({
  name,
  args: generate(path, out),
  prepare: () => rmSync(out, { recursive: true, force: true }),
});

try {
  const kaa = join(spec, "kaa.yaml");
  const family = join(folder, "family");
  await run(
    ["--import", "tsx", fileURLToPath(new URL("./support/write-family.mjs", import.meta.url)), family],
    root,
  );
  const once = await compare(
    [
      fresh("generate Kaa, cold", kaa, join(folder, "cold")),
      { name: "generate Kaa, nothing changed", args: generate(kaa, join(folder, "same")) },
      fresh(FAMILY, join(family, "api.yaml"), join(folder, "families")),
      { name: "json-schema-to-typescript alone", args: [peer, spec] },
      { name: "load the libraries, nothing else", args: [libraries] },
    ],
    5,
    progress.say,
  );
  const sizes = [5, 10, 20];
  const specs = sizes.map((copies) => ({
    copies,
    path: writeCopies(spec, join(folder, `copies${copies}`), copies),
  }));
  const nameOf = (copies) => `generate ${copies * 14} resources, cold`;
  // In a project, which has `node_modules`, so that a run knows the texts of the last one.
  const project = join(folder, "project");
  mkdirSync(join(project, "node_modules"), { recursive: true });
  const edited = join(folder, "copies20", "dcx_0.yaml");
  let edits = 0;
  const edit = () =>
    writeFileSync(
      edited,
      readFileSync(edited, "utf8").replace(/(summary: )(?:Edit \d+\. )?/, `$1Edit ${++edits}. `),
    );
  const scaled = await compare(
    [
      ...specs.map(({ copies, path }) => fresh(nameOf(copies), path, join(folder, `out${copies}`))),
      {
        name: EDITED,
        args: generate(join(folder, "copies20/api.yaml"), join(project, "out")),
        cwd: project,
        prepare: edit,
      },
      { name: "json-schema-to-typescript alone, 280 resources", args: [peer, join(folder, "copies20")] },
    ],
    3,
    progress.say,
  );
  progress.end();
  const base = once.get("json-schema-to-typescript alone").seconds;
  console.log(
    "median of whole processes                           wall      peak memory   ratio to types alone",
  );
  for (const [name, { seconds, megabytes }] of [...once, ...scaled]) {
    const against = scaled.has(name)
      ? scaled.get("json-schema-to-typescript alone, 280 resources").seconds
      : base;
    const columns = [
      name.padEnd(50),
      `${seconds.toFixed(2)} s`.padStart(8),
      `${megabytes.toFixed(0)} MB`.padStart(12),
    ];
    console.log(columns.join("  "), (seconds / against).toFixed(2).padStart(12));
  }
  const perResource = specs.map(({ copies }) => (scaled.get(nameOf(copies)).seconds / (copies * 14)) * 1000);
  const load = once.get("load the libraries, nothing else").seconds;
  const [small, , large] = specs.map(({ copies }) => scaled.get(nameOf(copies)).seconds);
  const perResourceOfLoad = (large - small) / ((sizes[2] - sizes[0]) * 14) / load;
  const ratios = [
    ["generate Kaa, cold, to loading the libraries", once.get("generate Kaa, cold").seconds / load, "1.5"],
    [
      "nothing changed, to loading the libraries",
      once.get("generate Kaa, nothing changed").seconds / load,
      "0.5",
    ],
    // At most 2.5 times the libraries and 20 ms a file.
    ["128 schema files, to their limit", once.get(FAMILY).seconds / (2.5 * load + 128 * 0.02), "1"],
    // In one thread, with prettier for every line, it was 0.037.
    ["a further resource, to loading the libraries", perResourceOfLoad, "0.015"],
    ["one edited resource of 280, to generating all", scaled.get(EDITED).seconds / large, "0.25"],
  ];
  console.log("\nratio                                              measured     goal");
  for (const [name, ratio, goal] of ratios)
    console.log(`${name.padEnd(50)} ${ratio.toFixed(3).padStart(8)} ${goal.padStart(8)}`);
  console.log(
    `milliseconds a resource: ${perResource.map((value) => value.toFixed(1)).join(", ")} (falling or level: linear)`,
  );
} finally {
  progress.end();
  rmSync(folder, { recursive: true, force: true });
}
