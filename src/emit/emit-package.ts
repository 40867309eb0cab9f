import type { ApiModel } from "../model/index.js";
import { testedRange } from "./own-manifest.js";
import { extensionModule, TESTING } from "./modules.js";
import type { EmittedFile } from "./module.js";
import type { EmitSettings } from "./settings.js";
import { namedExtensions } from "./parts.js";

/** Facts about the package's other files. */
interface PackageFacts {
  /** Whether the package has the entry for tests. */
  readonly isTestable: boolean;
}

/** The files of the package that are not source: manifest, build settings, license. */
export function emitPackage(
  model: ApiModel,
  settings: EmitSettings,
  facts: PackageFacts,
): readonly EmittedFile[] {
  const json = (path: string, value: object): EmittedFile => ({
    path,
    text: JSON.stringify(value),
    parser: "json",
  });
  return [
    json("package.json", packageManifest(model, settings, facts)),
    json("tsconfig.json", buildConfig),
    json("tsconfig.cjs.json", commonjsConfig),
    // Marks the files in `cjs/` as CommonJS within a package of ES modules.
    json("cjs/package.json", { type: "commonjs" }),
    { path: ".gitignore", text: "/dist/\n/cjs/*\n!/cjs/package.json\n/node_modules/\n*.tgz\n" },
    { path: ".gitattributes", text: GIT_ATTRIBUTES },
    emitLicense(model),
  ];
}

/** Generated files only: a user's own file in the folder may be binary. On GitHub, `linguist-generated` folds their diffs. */
const GIT_ATTRIBUTES = ["*.ts", "*.json", "/README.md", "/LICENSE", "/.gitattributes", "/.gitignore"]
  .map((pattern) => `${pattern} text eol=lf linguist-generated\n`)
  .join("");

function packageManifest(
  model: ApiModel,
  { runtime, package: own = {}, entries: added = {} }: EmitSettings,
  { isTestable }: PackageFacts,
): object {
  const { name, license, author, description, keywords } = model.package;
  // `repository` of a project can be a mapping, as npm allows it.
  const repository = own.repository ?? model.package.repository;
  const { files, engines, dependencies, version = model.package.version } = own;
  const optional = pick(own, ["homepage", "bugs", "private", "publishConfig"]);
  const required = runtime === "topicsmith/runtime" ? "topicsmith" : "mqtt";
  const allDependencies = { [required]: testedRange(required), ...dependencies };
  // Only tests need the mock, so its users install it themselves.
  const needsPeer = isTestable && !("topicsmith" in allDependencies);
  const peerDependencies = {
    ...(needsPeer && { topicsmith: testedRange("topicsmith") }),
    ...own.peerDependencies,
  };
  const entries = [
    [".", "index"],
    ["./core", "core"],
    ["./platform", "platform"],
    ...(isTestable ? [["./testing", TESTING]] : []),
    ...namedExtensions(model).map((extension) => [`./${extension.key}`, extensionModule(extension)]),
    ...Object.entries(added),
  ];
  return {
    name,
    version,
    description,
    keywords,
    license,
    ...(author !== undefined && { author }),
    ...(repository !== undefined && { repository }),
    ...optional,
    type: "module",
    sideEffects: false,
    main: "./cjs/index.js",
    types: "./cjs/index.d.ts",
    exports: {
      ...Object.fromEntries(entries.map(([key = "", module = ""]) => [key, exportEntry(module)])),
      "./package.json": "./package.json",
    },
    // For resolution without `exports`: TypeScript's "node10", and editors and tools that use it.
    typesVersions: {
      "*": Object.fromEntries(
        entries
          .filter(([key]) => key !== ".")
          .map(([key = "", module = ""]) => [key.slice("./".length), [`./cjs/${module}.d.ts`]]),
      ),
    },
    files: ["dist", "cjs", "src", "spec.json", ...(files ?? [])],
    scripts: {
      clean: CLEAN,
      build: "npm run clean && tsc -p tsconfig.json && tsc -p tsconfig.cjs.json",
      prepack: "npm run build",
    },
    engines: engines ?? { node: ">=20" },
    dependencies: allDependencies,
    ...(Object.keys(peerDependencies).length > 0 && { peerDependencies }),
    ...(needsPeer && { peerDependenciesMeta: { topicsmith: { optional: true } } }),
    devDependencies: { typescript: testedRange("typescript") },
  };
}

/** Removes what earlier builds made, because the files of a removed resource would be published, too. Works in any shell. */
const CLEAN =
  "node -e \"for (const folder of ['dist', 'cjs']) for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) " +
  "if (name !== 'package.json') fs.rmSync(folder + '/' + name, { recursive: true })\"";

/** The given keys of an object, without those that are undefined. */
function pick<T extends object>(from: T, keys: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])),
  ) as Partial<T>;
}

/** Each format has declarations of its own, so that no resolution mode takes one for the other. */
function exportEntry(module: string): object {
  const files = (folder: string) => ({
    types: `./${folder}/${module}.d.ts`,
    default: `./${folder}/${module}.js`,
  });
  return { import: files("dist"), require: files("cjs") };
}

const shared = {
  target: "ES2022",
  lib: ["ES2022", "DOM"],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  isolatedModules: true,
  skipLibCheck: true,
  declaration: true,
  // "Go to definition" leads to `src`, which is part of the package.
  declarationMap: true,
  stripInternal: true,
  newLine: "lf",
  rootDir: "src",
} as const;

const buildConfig = {
  compilerOptions: { ...shared, module: "NodeNext", outDir: "dist" },
  include: ["src"],
};

const commonjsConfig = {
  compilerOptions: {
    ...shared,
    module: "CommonJS",
    moduleResolution: "Bundler",
    esModuleInterop: true,
    outDir: "cjs",
  },
  include: ["src"],
};

function emitLicense(model: ApiModel): EmittedFile {
  const { license, author } = model.package;
  const holder = author ?? `the authors of ${model.package.name}`;
  const [template, view] =
    license === "MIT" ? ["LICENSE-MIT", { holder }] : ["LICENSE-other", { holder, license }];
  return { path: "LICENSE", template, view };
}
