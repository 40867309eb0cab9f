import type { FinishedFile } from "../../src/write/index.js";

/** The TypeScript samples of a generated package's README as modules beside its `src`, by file name. */
export function readmeSamples(files: readonly FinishedFile[]): ReadonlyMap<string, string> {
  const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? "";
  const manifest = JSON.parse(textOf("package.json")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>;
  };
  const sourceOf = (entry: string): string => {
    const target = manifest.exports[entry === "" ? "." : `.${entry}`];
    if (typeof target !== "object")
      throw new Error(`${manifest.name}${entry} is not an entry of the package`);
    return target.import.default.replace("./dist/", "./src/");
  };
  const variables = variablesOf(textOf("src/client.ts"));
  // The API's own prose comes first.
  const readme = textOf("README.md");
  const samples = [...readme.slice(readme.indexOf("\n## Contents")).matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, text = ""]) => text,
  );
  return new Map(
    samples.map((sample, index) => {
      const imports = sample.replaceAll(/ from "([^"]+)";/g, (_, specifier: string) => {
        if (!specifier.startsWith(manifest.name)) throw new Error(`${specifier} is another package`);
        return ` from "${sourceOf(specifier.slice(manifest.name.length))}";`;
      });
      // A variable that a comment explains: no legal value is known.
      const explained = new Set([...sample.matchAll(/^ *\/\/ (\w+): /gm)].map(([, name = ""]) => name));
      const declared = [...explained].map((name) => `declare const ${name}: never;\n`);
      for (const [name, type] of variables)
        if (!new RegExp(`const ${name} =`).test(sample))
          declared.push(`declare const ${name}: import("./src/client.js").${type};\n`);
      return [`readme-${index}.ts`, `${declared.join("")}${imports}\nexport {};\n`];
    }),
  );
}

/** The variables that the samples of a package use, with their types in its module `client.ts`. */
function variablesOf(client: string): readonly (readonly [name: string, type: string])[] {
  const [, clientType, endpointType] = /export type (\w+) = Client<(\w+)/.exec(client) ?? [];
  if (clientType !== undefined && endpointType !== undefined)
    return [
      ["client", clientType],
      ["endpoint", endpointType],
    ];
  const [, ownType = ""] = /export interface (\w+) extends ClientBase/.exec(client) ?? [];
  const [, method = "", type = ""] = /^ {2}(\w+)\(parameters: .*\): (\w+);$/m.exec(client) ?? [];
  return [["client", ownType], ...(method === "" ? [] : [[method, type] as const])];
}

/** The links of a Markdown text to its own headings that lead nowhere. */
export function brokenAnchors(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```.*?^```$/gms, "");
  const ids = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
  return [...prose.matchAll(/\]\(#([^)]*)\)/g)]
    .map(([, anchor = ""]) => anchor)
    .filter((anchor) => !ids.includes(anchor) && !ids.includes(anchor.replace(/-\d+$/, "")));
}
