import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The paths of the files that `npm pack` puts into the tarball of a package. */
function packedFiles(folder: string): readonly string[] {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: join(root, folder),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [packed] = JSON.parse(output) as readonly { readonly files: readonly { readonly path: string }[] }[];
  return packed?.files.map(({ path }) => path) ?? [];
}

function packageOf(folder: string) {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
    readonly bin?: Readonly<Record<string, string>>;
    readonly exports: Readonly<Record<string, unknown>>;
  };
}

/** The files that a value of `exports` or `bin` names. */
function filesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value.replace(/^\.\//, "")];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(filesIn) : [];
}

/** The relative imports of packed JavaScript and declarations, as paths in the package. */
function importsOf(folder: string, path: string): readonly string[] {
  const text = readFileSync(join(root, folder, path), "utf8");
  const imports = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";$|\bimport\("(\.[^"]+)"\)/gm);
  const extension = path.endsWith(".d.ts") ? ".d.ts" : ".js";
  return [...imports].map(([, a, b]) => join(path, "..", a ?? b ?? "").replace(/\.js$/, extension));
}

const PACKAGES = [
  {
    folder: ".",
    name: "topicsmith",
    allowed:
      /^(?:dist\/[\w/.-]+\.(?:js|d\.ts)|dist\/spec\/spec\.(?:schema\.json|validator\.cjs)|dist\/schema\/meta-schemas\/[\w-]+\.cjs|templates\/[\w.-]+\.(?:hbs|js|d\.ts)|src\/runtime\/[\w/-]+\.ts|templates\/init\/[\w.-]+\.(?:yaml|hbs)|src\/(?:spec\/spec|config\/config)\.schema\.json|(?:config\.)?schema\.json|docs\/diagnostics\/[\w-]+\.md|mock\.(?:cjs|d\.cts)|README\.md|LICENSE|package\.json)$/,
  },
  {
    folder: "generated/kaa",
    name: "the generated Kaa client",
    allowed:
      /^(?:(?:dist|cjs)\/[\w/.-]+\.(?:js|d\.ts|d\.ts\.map)|src\/[\w/.-]+\.ts|cjs\/package\.json|spec\.json|README\.md|LICENSE|package\.json)$/,
  },
];

describe.each(PACKAGES)("the tarball of $name", ({ folder, allowed }) => {
  const files = packedFiles(folder);

  test("holds built code, its sources and documents, and nothing else", () => {
    expect(files.filter((path) => !allowed.test(path))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE", "package.json"]));
    expect(
      files.filter((path) => /(?:^|\/)(?:\.|tests?\/|bench\/|node_modules\/)|\.test\./.test(path)),
    ).toEqual([]);
  });

  test("holds every file that its package.json and its modules name", () => {
    const { bin = {}, exports } = packageOf(folder);
    const named = [...filesIn(exports), ...filesIn(bin)];
    const imported = files
      .filter((path) => /^(?:dist|cjs)\/.*\.(?:js|d\.ts)$/.test(path))
      .flatMap((path) => importsOf(folder, path));
    expect(imported.length).toBeGreaterThan(50);
    expect([...named, ...imported].filter((path) => !files.includes(path))).toEqual([]);
    expect(named.filter((path) => !existsSync(join(root, folder, path)))).toEqual([]);
  });

  test("runs no script when it is installed", () => {
    const { scripts } = packageOf(folder);
    expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([]);
  });

  test("holds no absolute path of the machine that built it", () => {
    const leaks = files.filter((path) => readFileSync(join(root, folder, path), "utf8").includes(root));
    expect(leaks).toEqual([]);
  });
});

test("the release workflow checks signatures before it tests, and publishes with provenance and an SBOM", () => {
  const text = readFileSync(join(root, ".github/workflows/release.yml"), "utf8");
  const workflow = parse(text) as {
    readonly jobs: { readonly publish: { readonly steps: readonly { readonly run?: string }[] } };
  };
  const commands = workflow.jobs.publish.steps.flatMap(({ run }) => run ?? []);
  const order = [
    "npm ci",
    "npm audit signatures",
    "npm test",
    "node bench/install.mjs",
    "npm sbom",
    "npm publish --provenance",
  ];
  const found = order.map((command) => commands.findIndex((run) => run.startsWith(command)));
  expect(found).not.toContain(-1);
  expect(found).toEqual(found.toSorted((a, b) => a - b));
});
