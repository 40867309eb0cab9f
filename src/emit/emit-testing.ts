import { TESTING_EXPORTS } from "../model/index.js";
import type { ApiModel } from "../model/index.js";
import { Imports, specifier } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { emitModule, header, type EmittedFile } from "./module.js";
import { PLATFORM, RUNTIME_TESTING, TESTING, TESTING_SPEC, type EmitInput } from "./modules.js";
import { namedExtensions } from "./parts.js";
import { print, printLines, reexport, StructureKind } from "./print.js";

/** A spec as data: its root file's path, and its files by their paths relative to the folder of the root file. */
export interface SpecFiles {
  readonly root: string;
  readonly files: readonly { readonly path: string; readonly data: unknown }[];
}

/** `testing.ts`, a mock that is typed by the API, and the spec that it starts from. */
export function emitTesting(input: EmitInput, spec: SpecFiles): readonly EmittedFile[] {
  const { model } = input;
  const imports = new Imports(TESTING, input.taken);
  const handlers = `${imports.runtime("PartialHandlers")}<${imports.type(PLATFORM, model.names.handlers)}>`;
  const platform = imports.type(PLATFORM, model.names.platform);
  const start = imports.runtime("startMockOf");
  const data = imports.value(TESTING_SPEC, "spec", imports.free("spec"));
  const options = imports.free("options");
  const alias = (name: string, type: string, doc: string) =>
    ({
      kind: StructureKind.TypeAlias,
      name,
      isExported: true,
      type,
      docs: docOf([doc]),
    }) as const;
  const testing = emitModule({
    source: model.specFile,
    imports,
    declarations: [
      printLines(reexport(specifier(TESTING, RUNTIME_TESTING), [], TESTING_EXPORTS)),
      print(
        alias(
          "ResourceName",
          resourceNames(model),
          `A resource of the ${model.title}, or with \`.*\` all resources of an extension.`,
        ),
        alias(
          "Fault",
          `${imports.runtime("Fault", "RuntimeFault")}<ResourceName>`,
          "A fault to inject. It applies to the next matching request, to `count` requests, or with a probability.",
        ),
        alias(
          "MockOptions",
          `${imports.runtime("MockOptionsOf")}<${handlers}, ResourceName>`,
          "The options of a mock. Resources without a handler respond with the spec's examples.",
        ),
        alias(
          "Mock",
          `${imports.runtime("MockOf")}<${platform}, ${handlers}, ResourceName>`,
          `A broker with a mock platform of the ${model.title}.`,
        ),
        {
          kind: StructureKind.Function,
          name: "startMock",
          isExported: true,
          parameters: [{ name: options, type: "MockOptions", hasQuestionToken: true }],
          returnType: `${imports.global("Promise")}<Mock>`,
          docs: docOf([
            `Starts a broker in this process, with a mock platform of the ${model.title} on it. Needs the package topicsmith. Rejects with an Error that names the command which installs it, if it is missing.`,
          ]),
          statements: [`return ${start}<${platform}, ${handlers}, ResourceName>(${data}, ${options});`],
        },
      ),
    ],
  });
  return [testing, emitSpec(input, spec)];
}

/** `"water.boil" | "water.*"` */
function resourceNames(model: ApiModel): string {
  const ids = model.extensions.flatMap(({ resources }) => resources.map(({ id }) => id));
  const groups = namedExtensions(model).map(({ key }) => `${key}.*`);
  return [...ids, ...groups].map((name) => JSON.stringify(name)).join(" | ") || "never";
}

/**
 * `testing-spec.ts`: the data of `spec.json` as a module, because ES modules and CommonJS have no common way to read a
 * JSON file. Its values are texts: the compiler would take long to infer the types of large literals.
 */
function emitSpec({ model, taken }: EmitInput, { root, files }: SpecFiles): EmittedFile {
  const imports = new Imports(TESTING_SPEC, taken);
  const entries = files.map(({ path, data }) => specEntry(path, stringLiteral(JSON.stringify(data))));
  // Printed as prettier would, without the libraries, which take long for texts of this length.
  const declaration = `/** The API's spec, for the mock of \`./testing.js\`. */
export const spec: ${imports.runtime("SpecData")} = {
  root: ${JSON.stringify(root)},
  files: {
${entries.join("\n")}
  },
};`;
  const parts = [header(model.specFile), printLines(imports.structures()), declaration];
  return { path: `src/${TESTING_SPEC}.ts`, text: `${parts.join("\n\n")}\n` };
}

function specEntry(path: string, text: string): string {
  const key = path === "__proto__" ? `["__proto__"]` : JSON.stringify(path);
  const line = `    ${key}: JSON.parse(${text}),`;
  return line.length <= 110 ? line : `    ${key}: JSON.parse(\n      ${text},\n    ),`;
}

/** JSON in single quotes, because it consists of double ones. */
function stringLiteral(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
