import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { parse } from "yaml";
import type { ValidationError } from "../../src/runtime/api/descriptor.js";
import { SCENARIOS } from "./scenarios.js";

/** A value that a validator has to reject. */
interface BadDocument {
  /** Part of the validator's message, as `formatErrors` prints it. */
  readonly says: string;
  /** Whether the type rejects the value too. */
  readonly typed: boolean;
  readonly value: unknown;
}

/** The documents of one validator. */
export interface Documents {
  /** The validator's module, below `src` and without `.validators.ts`. */
  readonly module: string;
  readonly validator: string;
  readonly good: readonly unknown[];
  readonly bad: readonly BadDocument[];
}

/** A generated validator, once it is imported. */
export type Check = ((value: unknown) => boolean) & { readonly errors?: readonly ValidationError[] | null };

/** The documents of a scenario, from its `documents.yaml`: for `<module>#<validator>`, `good` and `bad` values. */
export function documentsOf(scenario: string): readonly Documents[] {
  const path = join(SCENARIOS, scenario, "documents.yaml");
  if (!existsSync(path)) return [];
  const byValidator = parse(readFileSync(path, "utf8")) as Readonly<
    Record<string, Pick<Documents, "good" | "bad">>
  >;
  return Object.entries(byValidator).map(([key, values]) => {
    const [module = "", validator = ""] = key.split("#");
    return { module, validator, ...values };
  });
}

/** Bundles and imports validators of a package that `writeSources` wrote into a folder. */
export async function importValidators(
  folder: string,
  documents: readonly Documents[],
): Promise<ReadonlyMap<Documents, Check>> {
  const contents = documents.map(
    ({ module, validator }, index) =>
      `export { ${validator} as check${index} } from "./src/${module}.validators.ts";`,
  );
  const { outputFiles } = await build({
    stdin: { contents: contents.join("\n"), resolveDir: folder },
    bundle: true,
    format: "esm",
    charset: "utf8",
    write: false,
  });
  const code = Buffer.from(outputFiles[0]?.text ?? "").toString("base64");
  const url = `data:text/javascript;charset=utf-8;base64,${code}`;
  const module = (await import(/* @vite-ignore */ url)) as Readonly<Record<string, Check>>;
  return new Map(
    documents.map((each, index) => {
      const check = module[`check${index}`];
      if (check === undefined) throw new Error(`there is no ${each.validator} in ${each.module}`);
      return [each, check];
    }),
  );
}

/** The documents as literals of the types that the validators assert, and the numbers of the lines that must not compile. */
export function documentsSource(documents: readonly Documents[]): {
  readonly text: string;
  readonly refused: readonly number[];
} {
  const lines = [`import type { Validator } from "./src/runtime/index.js";`];
  const refused: number[] = [];
  documents.forEach(({ module, validator, good, bad }, index) => {
    lines.push(
      `import type { ${validator} as check${index} } from "./src/${module}.validators.js";`,
      `type T${index} = typeof check${index} extends Validator<infer Value> ? Value : never;`,
    );
    const values = [...good.map((value) => ({ value, typed: false })), ...bad];
    values.forEach(({ value, typed }, at) => {
      lines.push(`export const value${index}_${at}: T${index} = ${JSON.stringify(value)};`);
      if (typed) refused.push(lines.length);
    });
  });
  return { text: lines.join("\n"), refused };
}
