import { expect, it } from "vitest";
import { errorsOf, validatorOf } from "./support.js";
import { exceptions, type Exception } from "./suite-exceptions.js";
import { DRAFT_NAMES, groupsOf, openGroup, SCHEMA, type Draft, type Group } from "./suite.js";

type Test = Group["tests"][number];

function isExcepted(exception: Exception, { draft, file, description }: Group, test: Test): boolean {
  if (exception.draft !== undefined && exception.draft !== draft) return false;
  if (exception.file !== file || (exception.group ?? description) !== description) return false;
  const wanted = exception.test ?? test.description;
  return typeof wanted === "string" ? wanted === test.description : wanted.test(test.description);
}

/** The cases of a draft in which a generated validator does not say what the suite says. */
async function differences(draft: Draft) {
  const found: { readonly group: Group; readonly test: Test }[] = [];
  for (const group of groupsOf(draft)) {
    const set = openGroup(group);
    expect(errorsOf(set), group.description).toEqual([]);
    const validate = await validatorOf(set, SCHEMA);
    for (const test of group.tests) if (validate(test.data) !== test.valid) found.push({ group, test });
  }
  return found;
}

const excepted = new Set<Exception>();

it.each(DRAFT_NAMES)(
  "generated validators give the suite's verdicts: %s",
  { timeout: 240_000 },
  async (draft) => {
    const unexpected = (await differences(draft)).filter(({ group, test }) => {
      const exception = exceptions.find((one) => isExcepted(one, group, test));
      if (exception !== undefined) excepted.add(exception);
      return exception === undefined;
    });
    expect(
      unexpected.map(({ group, test }) => `${group.file}: ${group.description}: ${test.description}`),
    ).toEqual([]);
  },
);

it("every exception from the verdicts of the suite is still needed", () => {
  expect(exceptions.filter((exception) => !excepted.has(exception))).toEqual([]);
});
