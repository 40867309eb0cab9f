import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

// The site is built after topicsmith, so that the compiled catalogue is there. Found from the folder in which npm runs
// VitePress, because the configuration is bundled into a file elsewhere.
const CATALOGUE = join(process.cwd(), "../dist/diagnostics/catalogue");

/** The headings of the index, by file of the catalogue. Codes of other files come last. */
const LAYERS: Readonly<Record<string, string>> = {
  spec: "Reading a spec",
  model: "Topics, names and rules between resources",
  messages: "Messages of any shape",
  schema: "JSON Schemas",
  output: "The output folder",
  mock: "The mock",
  report: "The report",
};

/** The severities of all codes, by file of the catalogue. */
type Layers = ReadonlyMap<string, Readonly<Record<string, { readonly severity: string }>>>;

/** Loads the compiled catalogue. */
export async function loadLayers(): Promise<Layers> {
  const names = readdirSync(CATALOGUE)
    .filter((file) => file.endsWith(".js"))
    .map((file) => file.slice(0, -".js".length));
  const order = [...Object.keys(LAYERS), ...names];
  names.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const layers = new Map<string, Readonly<Record<string, { readonly severity: string }>>>();
  for (const name of names) {
    const module = (await import(`${CATALOGUE}/${name}.js`)) as Readonly<
      Record<string, Readonly<Record<string, { readonly severity: string }>>>
    >;
    layers.set(name, Object.assign({}, ...Object.values(module)));
  }
  return layers;
}

/** Expands `<!-- diagnostics -->`: all codes with their severities and the first sentence of their pages. */
export function diagnosticIndex(layers: Layers): string {
  return [...layers]
    .map(([name, codes]) => {
      const rows = Object.entries(codes).map(
        ([code, { severity }]) => `| [\`${code}\`](./${code}.md) | ${severity} | ${summaryOf(code)} |`,
      );
      const head = `## ${LAYERS[name] ?? name}\n\n| code | severity | |\n| --- | --- | --- |`;
      return `\n${head}\n${rows.join("\n")}\n`;
    })
    .join("");
}

/** Adds the severity below the title of a diagnostic's page. */
export function addSeverity(source: string, path: string | undefined, layers: Layers): string {
  const code = /^diagnostics\/([\w-]+)\.md$/.exec(path ?? "")?.[1];
  const severity = [...layers.values()].map((codes) => codes[code ?? ""]?.severity).find(Boolean);
  if (severity === undefined) return source;
  return source.replace(
    /^# .*$/m,
    (title) => `${title}\n\n<span class="severity ${severity}">${severity}</span>`,
  );
}

function summaryOf(code: string): string {
  const text = readFileSync(join(process.cwd(), "diagnostics", `${code}.md`), "utf8");
  const paragraph = /^# .*\n\n((?:.+\n)+)/m.exec(text)?.[1] ?? "";
  const line = paragraph.trim().replaceAll("\n", " ");
  return (/^.*?[.](?= |$)/.exec(line)?.[0] ?? line).replaceAll("|", "\\|");
}
