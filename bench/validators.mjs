// What generated validators cost, beside compiling the same schemas with ajv at start-up, and how fast they are beside
// ajv itself, TypeBox's compiler and zod.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Ajv2020 } from "ajv/dist/2020.js";
import { kaaModule, kaaSchemas } from "./support/kaa-schemas.mjs";
import { compare, median, progressLine } from "./support/measure.mjs";
import { subjects } from "./support/typed-by-hand.mjs";

const support = (name) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
const folder = mkdtempSync(join(tmpdir(), "topicsmith-bench-"));
const progress = progressLine();
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
  const ajv = new Ajv2020({ strict: false });
  for (const { uri, value } of schemas) ajv.addSchema(value, uri);
  console.log("validating (medians)                       time a value     ratio");
  for (const subject of subjects) {
    const generated = (await import(kaaModule(subject.module)))[subject.validator];
    const contenders = {
      generated: (value) => generated(value),
      ajv: ajv.getSchema(subject.uri),
      "TypeBox's compiler": subject["TypeBox's compiler"],
      zod: subject.zod,
    };
    agree(subject, contenders);
    for (const kind of ["valid", "invalid"]) {
      const times = measure(contenders, subject[kind], `${subject.name}, ${kind}`);
      for (const [name, nanoseconds] of times) {
        console.log(
          `${subject.name}, ${kind}: ${name}`.padEnd(42),
          `${nanoseconds.toFixed(0)} ns`.padStart(12),
          (nanoseconds / times.get("generated")).toFixed(2).padStart(9),
        );
      }
    }
  }
}

/** A contender that says something else does other work. */
function agree({ name, valid, invalid }, contenders) {
  for (const [who, check] of Object.entries(contenders)) {
    const wrong = [...valid.filter((value) => !check(value)), ...invalid.filter((value) => check(value))];
    if (wrong.length > 0) throw new Error(`${who} is wrong about ${name}: ${JSON.stringify(wrong[0])}`);
  }
}

/** Nanoseconds a value, by contender: the median of rounds in which each has its turn. */
function measure(contenders, values, what) {
  const entries = Object.entries(contenders);
  const samples = new Map(entries.map(([name]) => [name, []]));
  const rounds = 14;
  for (let round = 0; round <= rounds; round++) {
    progress.say?.(`${what}, ${round === 0 ? "warm-up" : `${round} of ${rounds}`}`);
    // Back and forth, and without the garbage of the one before.
    for (const [name, check] of round % 2 === 0 ? entries : entries.toReversed()) {
      collectGarbage();
      const nanoseconds = once(check, values);
      if (round > 0) samples.get(name).push(nanoseconds);
    }
  }
  progress.end();
  return new Map([...samples].map(([name, taken]) => [name, median(taken)]));
}

/** Nanoseconds a value, over about 20 ms. */
function once(check, values) {
  let checked = 0;
  let taken = 0;
  let accepted = 0;
  const start = performance.now();
  do {
    for (let turn = 0; turn < 200; turn++) for (const value of values) accepted += check(value) ? 1 : 0;
    checked += 200 * values.length;
    taken = performance.now() - start;
  } while (taken < 20);
  // So that the work is not optimised away.
  if (accepted > checked) throw new Error("more accepted than checked");
  return (taken * 1e6) / checked;
}
