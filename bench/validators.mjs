// What generated validators cost, beside ajv: the start-up of all of Kaa's, and the time and size of each one of Kaa and of
// the large schemas. Three are also compared with TypeBox's compiler and zod.
//
// The comparison with ajv is fair to both. Functions run in one process, in turn, and on the same values. ajv has its
// defaults, with `code.optimize` and `inlineRefs`, as generated validators have: they stop at the first error, read
// inherited properties, and do not check that numbers are finite (`strict: false`, which these schemas need anyway). It
// knows formats by ajv-formats. Time is that of the processor, because other work on a machine delays both at random.
// Sizes are of one validator's bundle, minified and gzipped; ajv's is standalone code, without its compiler.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { besideAjv } from "./support/beside-ajv.mjs";
import { kaaModule, kaaSchemas } from "./support/kaa-schemas.mjs";
import { kaaValues } from "./support/kaa-values.mjs";
import { largeValues } from "./support/large-values.mjs";
import { compare, median, progressLine } from "./support/measure.mjs";
import { typedByHand } from "./support/typed-by-hand.mjs";

const support = (name) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
const folder = mkdtempSync(join(tmpdir(), "topicsmith-bench-"));
const progress = progressLine();
/** The lowest ratio of ajv's time to that of a generated validator. Below it, the benchmark fails. */
const LOWEST_RATIO = 0.9;
const schemas = await kaaSchemas();

try {
  await startUp();
  console.log();
  await speed();
} finally {
  progress.end();
  rmSync(folder, { recursive: true, force: true });
}

async function startUp() {
  const json = join(folder, "schemas.json");
  writeFileSync(json, JSON.stringify(schemas));
  const all = readdirSync(fileURLToPath(kaaModule(".")), { recursive: true })
    .filter((path) => path.endsWith(".validators.js") && !path.startsWith("shared"))
    .map((path) => kaaModule(path));
  const results = await compare(
    [
      { name: "import what was generated", args: [support("start-generated.mjs"), ...all] },
      { name: "import ajv, compile", args: [support("start-ajv.mjs"), json] },
      { name: "compile alone", args: [support("start-ajv.mjs"), json, "compile"] },
      { name: "an empty process", args: [support("nothing.mjs")] },
    ],
    15,
    progress.say,
  );
  progress.end();
  console.log(
    `start-up, ${schemas.length} schemas of Kaa (medians)      in process     ratio   whole process    peak memory`,
  );
  const base = results.get("import what was generated").printed;
  for (const [name, { seconds, megabytes, printed }] of results) {
    const ratio = printed === 0 ? "" : (printed / base).toFixed(2);
    console.log(
      name.padEnd(42),
      `${printed.toFixed(2)} ms`.padStart(12),
      ratio.padStart(9),
      `${(seconds * 1000).toFixed(0)} ms`.padStart(15),
      `${megabytes.toFixed(0)} MB`.padStart(14),
    );
  }
}

async function speed() {
  const kaa = kaaValues.map((subject) => ({
    ...subject,
    schemas,
    module: fileURLToPath(kaaModule(subject.module)),
  }));
  console.log("beside ajv (medians)                           time a value          ajv     ratio");
  const sizes = [];
  for (const subject of [...kaa, ...(await largeValues(folder))]) {
    const { contenders, sizes: both } = await besideAjv(subject);
    Object.assign(contenders, typedByHand.get(subject.name));
    agree(subject, contenders);
    for (const kind of ["valid", "invalid"]) print(subject, kind, contenders);
    sizes.push([subject.name, ...both]);
  }
  console.log("\nsize, minified and gzipped                        generated          ajv     ratio");
  for (const [name, generated, ajv] of sizes)
    printRow(name, `${generated} B`, `${ajv} B`, ajv / generated, 1);
}

function print({ name, ...values }, kind, contenders) {
  if (values[kind].length === 0) return;
  const { times, ratios } = measure(contenders, values[kind], `${name}, ${kind}`);
  const own = `${times.get("generated").toFixed(0)} ns`;
  printRow(`${name}, ${kind}`, own, `${times.get("ajv").toFixed(0)} ns`, ratios.get("ajv"), LOWEST_RATIO);
  for (const [other, time] of times)
    if (other !== "generated" && other !== "ajv")
      printRow(`  ${other}`, "", `${time.toFixed(0)} ns`, ratios.get(other), 0);
}

function printRow(name, own, theirs, ratio, lowest) {
  const isTooLow = ratio < lowest;
  if (isTooLow) process.exitCode = 1;
  const columns = [name.padEnd(44), own.padStart(14), theirs.padStart(12), ratio.toFixed(2).padStart(9)];
  console.log(columns.join(" ") + (isTooLow ? `  below ${lowest}` : ""));
}

/** A contender with another verdict does other work. */
function agree({ name, valid, invalid }, contenders) {
  for (const [who, check] of Object.entries(contenders)) {
    const wrong = [...valid.filter((value) => !check(value)), ...invalid.filter((value) => check(value))];
    if (wrong.length > 0) throw new Error(`${who} is wrong about ${name}: ${JSON.stringify(wrong[0])}`);
  }
}

/**
 * The nanoseconds a value of each contender, and their ratios to those of the generated validator: medians of rounds in
 * which each has its turn.
 */
function measure(contenders, values, what) {
  const entries = Object.entries(contenders);
  for (const check of Object.values(contenders)) warmUp(check, values);
  const turns = turnsFor(contenders.generated, values);
  const rounds = 24;
  const samples = Array.from({ length: rounds }, (_, round) => {
    progress.say?.(`${what}, ${round + 1} of ${rounds}`);
    const taken = new Map();
    // Back and forth, and without the garbage of the one before.
    for (const [name, check] of round % 2 === 0 ? entries : entries.toReversed()) {
      collectGarbage();
      taken.set(name, once(check, values, turns));
    }
    return taken;
  });
  progress.end();
  // In the first rounds the functions are compiled.
  const warm = samples.slice(rounds / 4);
  const medians = (pick) =>
    new Map(entries.map(([name]) => [name, median(warm.map((each) => pick(each, name)))]));
  return {
    times: medians((taken, name) => taken.get(name)),
    ratios: medians((taken, name) => taken.get(name) / taken.get("generated")),
  };
}

/** Runs a contender for 100 ms, by when engines have compiled it. Turns are counted, and times taken, of compiled code only. */
function warmUp(check, values) {
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < 100_000) once(check, values, 50);
}

/** The number of turns that take about 12 ms: the clock of the processor's time is exact to some microseconds, and short turns hardly show the garbage of errors. */
function turnsFor(check, values) {
  let turns = 50;
  while ((once(check, values, turns) * turns * values.length) / 1e6 < 12) turns *= 2;
  return turns;
}

/** Nanoseconds of the processor's time a value. */
function once(check, values, turns) {
  let accepted = 0;
  const start = process.cpuUsage();
  for (let turn = 0; turn < turns; turn++) for (const value of values) accepted += check(value) ? 1 : 0;
  const { user, system } = process.cpuUsage(start);
  // So that the work is not optimized away.
  if (accepted > turns * values.length) throw new Error("more accepted than checked");
  return ((user + system) * 1000) / (turns * values.length);
}
