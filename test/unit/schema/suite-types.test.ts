import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compileAll, declarationsOf } from "./support.js";
import { DRAFT_NAMES, groupsOf, openGroup, SCHEMA, type Draft, type Group } from "./suite.js";

/** How many of the instances that a draft's schemas refuse, the types refuse too. */
type Figures = Readonly<Record<Draft, { readonly invalid: number; readonly refused: number }>>;

const FIGURES = new URL("suite-figures.json", import.meta.url);
const UPDATE = "UPDATE_FIGURES=1 npx vitest run test/unit/schema/suite-types";

it(
  "types hold every valid instance of the suite, and refuse no fewer invalid ones than before",
  { timeout: 600_000 },
  async () => {
    const groups: {
      readonly group: Group;
      readonly declarations: string;
      readonly instances: readonly unknown[];
    }[] = [];
    for (const group of DRAFT_NAMES.flatMap(groupsOf)) {
      const declarations = (await declarationsOf(openGroup(group), SCHEMA))
        .map(({ text }) => text)
        .join("\n");
      groups.push({ group, declarations, instances: group.tests.map(({ data }) => data) });
    }
    const { compiles, faults } = compileAll(groups);
    expect(faults).toEqual([]);

    const refusedValid: string[] = [];
    const count = Object.fromEntries(DRAFT_NAMES.map((draft) => [draft, { invalid: 0, refused: 0 }]));
    for (const [place, { group }] of groups.entries()) {
      const figures = count[group.draft];
      for (const [at, test] of group.tests.entries()) {
        const refused = compiles[place]?.[at] === false;
        if (test.valid && refused)
          refusedValid.push(`${group.draft} ${group.file}: ${group.description}: ${test.description}`);
        if (test.valid || figures === undefined) continue;
        figures.invalid++;
        if (refused) figures.refused++;
      }
    }
    // No list of exceptions here, ever: a type that refuses a valid value lies.
    expect(refusedValid).toEqual([]);

    const before = JSON.parse(readFileSync(FIGURES, "utf8")) as Figures;
    for (const draft of DRAFT_NAMES) {
      expect(count[draft]?.refused, `${draft}: types have become looser`).toBeGreaterThanOrEqual(
        before[draft].refused,
      );
    }
    if (process.env["UPDATE_FIGURES"] === "1") writeFileSync(FIGURES, `${JSON.stringify(count, null, 2)}\n`);
    else expect(count, `types have become tighter: ${UPDATE}`).toEqual(before);
  },
);
