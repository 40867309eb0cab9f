import { join } from "node:path";
import { expect, it } from "vitest";
import { readFaults } from "../../../src/mock/read-faults.js";
import { inFolder, line } from "../spec/support.js";

async function diagnosticsOf(text: string): Promise<readonly string[]> {
  return inFolder({ "faults.yaml": text }, async (folder) => {
    const { diagnostics } = await readFaults(join(folder, "faults.yaml"), ["fan.stop", "fan.start"]);
    return diagnostics.map((item) => line(item).replaceAll(`${folder}/`, ""));
  });
}

it.each([
  [
    "a text",
    "drop\n",
    [
      "faults.yaml:1:1-1:5 invalid-fault-file: expected a list of faults, or a mapping with a list under `faults`",
    ],
  ],
  [
    "a mapping without a list",
    "seed: 3\n",
    [
      "faults.yaml:1:1-2:1 invalid-fault-file: expected a list of faults, or a mapping with a list under `faults`",
    ],
  ],
  [
    "an entry that is not a mapping",
    "- drop\n",
    ["faults.yaml:1:3-1:7 invalid-fault: invalid fault: expected a mapping, such as { kind: drop }"],
  ],
  [
    "an unknown resource",
    "- { kind: drop, resource: fan.stpo }\n",
    [
      "faults.yaml:1:27-1:35 invalid-fault: invalid fault: resource must be a resource of the spec, such as fan.stop; did you mean fan.stop?",
    ],
  ],
  [
    "an unknown key of the file",
    "faults: []\nsede: 3\n",
    ["faults.yaml:2:7-2:8 invalid-fault: invalid fault: unknown key sede; did you mean seed?"],
  ],
])("a file of faults with %s is refused with its position", async (_, text, expected) => {
  expect(await diagnosticsOf(text)).toEqual(expected);
});
