import { internalsOf, type SchemaSet } from "../schema-set.js";
import { assignFunctions, type Assignment, type FunctionPlacement } from "./assign.js";
import { functionText, type FunctionText } from "./function-text.js";
import { helpersWithUses, type Helper } from "./helpers.js";
import type { ValidatorExport, ValidatorModule, ValidatorRequest } from "./request.js";

/**
 * Prints validators as modules without dependencies: no ajv, no `require`, no `eval`. Functions that several modules
 * use
 * are in the shared module. Two exports of one schema share a function.
 *
 * @throws Error if a schema does not exist, or the set has errors.
 */
export async function printValidators(
  set: SchemaSet,
  request: ValidatorRequest,
): Promise<readonly ValidatorModule[]> {
  const assignment = assignFunctions(internalsOf(set), request);
  const texts = new Map<FunctionPlacement, FunctionText>();
  for (const placed of assignment.functions.values()) {
    texts.set(placed, functionText(placed, assignment));
  }
  const shared = [...texts].filter(([placed]) => placed.path === request.sharedPath);
  const modules = request.modules.map(({ path, exports }) => {
    const own = [...texts].filter(([placed]) => placed.path === path);
    return printModule({ path, own, exports, assignment, sharedPath: request.sharedPath });
  });
  // Sorted, so that the output does not depend on the order of resources.
  const names = new Set([...texts.values()].flatMap(({ helpers: used }) => [...used]));
  const everyHelper = helpersWithUses([...names].toSorted());
  return shared.length + everyHelper.length === 0
    ? modules
    : [...modules, printShared(request.sharedPath, everyHelper, shared)];
}

interface ModuleParts {
  readonly path: string;
  readonly own: readonly (readonly [FunctionPlacement, FunctionText])[];
  readonly exports: readonly ValidatorExport[];
  readonly assignment: Assignment;
  readonly sharedPath: string;
}

function printModule({ path, own, exports, assignment, sharedPath }: ModuleParts): ValidatorModule {
  const here = new Set(own.map(([placed]) => placed.name));
  const outside = new Set<string>();
  for (const [, { calls, helpers }] of own) {
    for (const name of [...calls, ...helpers]) if (!here.has(name)) outside.add(name);
  }
  const lines = exports.map(({ name, type }) => {
    const root = assignment.roots.get(name);
    const placed = root && assignment.functions.get(root);
    if (placed === undefined) throw new Error(`${name} has no function`);
    if (placed.path !== path) outside.add(placed.name);
    return `export const ${name}: Validator<${type ?? "unknown"}> = ${placed.name};`;
  });
  const code = [...lines, ...own.flatMap(([, text]) => [...text.constants, text.code])].join("\n");
  const imports = outside.size === 0 ? [] : [{ from: sharedPath, names: [...outside].toSorted() }];
  return { path, code, imports };
}

function printShared(
  path: string,
  helpers: readonly Helper[],
  functions: readonly (readonly [FunctionPlacement, FunctionText])[],
): ValidatorModule {
  const helperCode = helpers.map(({ code }) => `export ${code}`);
  const functionCode = [...functions]
    .toSorted(([a], [b]) => byName(a, b))
    .flatMap(([, text]) => [...text.constants, `export ${text.code}`]);
  return { path, code: [...helperCode, ...functionCode].join("\n"), imports: [] };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
