import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { ts } from "ts-morph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emit } from "../../../src/emit/index.js";
import { loadApi } from "../../../src/load-api.js";
import { identifiersOf } from "../../../src/model/identifiers.js";
import { format } from "../../../src/write/index.js";

// `npm run test:long` sets more. A run prints a package, which takes a second.
const runs = Math.ceil(Number(process.env["FUZZ_RUNS"] ?? 15) / 3);
const seed = Number(process.env["FUZZ_SEED"] ?? 12);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-injection-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The texts and keys of a spec, by place. */
interface Texts {
  /** Prose and values: anything. */
  readonly text: (place: string) => string;
  /** A literal level of a topic. */
  readonly level: (place: string) => string;
  /** A key. */
  readonly key: (place: string) => string;
}

/** A spec with a text in every place that takes one. */
function specOf({ text, level, key }: Texts): unknown {
  const own = (place: string) => ({ [`x-${text(`${place} own key`)}`]: text(`${place} own value`) });
  const schema = (place: string) => ({
    $comment: text(`${place} comment`),
    title: text(`${place} title`),
    description: text(`${place} description`),
    tsType: text(`${place} tsType`),
    tsEnumNames: [text(`${place} tsEnumNames`)],
    type: "object",
    properties: {
      [key(`${place} property`)]: {
        description: text(`${place} property description`),
        enum: [text(`${place} enum 1`), text(`${place} enum 2`)],
        default: text(`${place} default`),
      },
      constant: { const: { [key(`${place} constant key`)]: text(`${place} const`) } },
      matched: { type: "string", pattern: escaped(text(`${place} pattern`)) },
      list: { type: "array", items: { $ref: `#/$defs/${pointer(key(`${place} definition`))}` } },
      format: { type: "string", format: text(`${place} format`), examples: [text(`${place} example`)] },
    },
    // The prefix keeps the pattern from matching other properties, which would change the type.
    patternProperties: { [`^pattern ${escaped(text(`${place} pattern property`))}`]: { type: "number" } },
    dependentRequired: { [key(`${place} dependency`)]: [key(`${place} dependent`)] },
    required: [key(`${place} required`)],
    $defs: {
      [key(`${place} definition`)]: {
        description: text(`${place} definition description`),
        type: "object",
        properties: { value: { deprecated: true, const: text(`${place} definition const`) } },
      },
    },
    ...own(place),
  });
  return {
    topicsmith: 1,
    api: {
      name: "demo",
      title: text("title"),
      version: "1.0.0",
      description: text("api"),
      ...own("api"),
    },
    package: {
      name: "demo-client",
      author: text("author"),
      description: text("package"),
      keywords: [text("keyword")],
      ...own("package"),
    },
    servers: {
      [key("server")]: { url: "mqtt://localhost:1883", description: text("server"), ...own("server") },
    },
    protocol: {
      topic: `${level("first")}/{who}/{extension}/{resource}[/{requestId}]`,
      parameters: {
        who: {
          bind: "endpoint",
          description: text("who"),
          pattern: `^(${escaped(text("who pattern"))}|a)$`,
          example: "a",
          secret: true,
        },
      },
      requestId: { minimum: 1, maximum: 99 },
      success: `{request}/${level("success")}`,
      error: `{request}/${level("error")}`,
      errorPayload: {
        schema: { description: text("error"), type: "string" },
        replies: { failed: text("reply") },
      },
    },
    extensions: {
      [key("extension")]: {
        title: text("extension title"),
        description: text("extension"),
        source: text("extension source"),
        resources: {
          [key("resource")]: {
            path: `${level("path")}/{what}`,
            parameters: { what: { description: text("what"), pattern: "^a$", example: "a" } },
            requestId: "required",
            summary: text("summary"),
            description: text("resource"),
            deprecated: text("deprecated"),
            request: { schema: schema("request"), ...own("request") },
            response: { schema: schema("response") },
            push: true,
            ...own("resource"),
          },
        },
      },
    },
  };
}

/** A pattern that matches a text only. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

function pointer(key: string): string {
  return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}

interface Printed {
  /** Absent if the spec is refused. */
  readonly files?: ReadonlyMap<string, string>;
  /** The names that the model has decided on. */
  readonly names: ReadonlySet<string>;
  readonly codes: readonly string[];
}

async function print(texts: Texts): Promise<Printed> {
  const path = join(folder, "api.yaml");
  writeFileSync(path, JSON.stringify(specOf(texts)));
  const { model, diagnostics } = await loadApi(path);
  const codes = diagnostics.map(({ code, message }) => `${code}: ${message}`);
  if (model === undefined) return { names: new Set(), codes };
  const files = new Map((await format(await emit(model))).map((file) => [file.path, file.text]));
  const resources = model.extensions.flatMap((extension) => extension.resources.map(({ name }) => name));
  return { files, names: new Set([...identifiersOf(model), ...resources]), codes };
}

/** The identifiers of a file in the order of the syntax tree. Fails if the compiler finds a syntax error. */
function identifiersIn(path: string, text: string): readonly string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const errors = Reflect.get(source, "parseDiagnostics") as readonly ts.Diagnostic[];
  expect(errors.map(({ messageText, start }) => `${path}:${start} ${JSON.stringify(messageText)}`)).toEqual(
    [],
  );
  expect([...source.referencedFiles, ...source.typeReferenceDirectives]).toEqual([]);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function identifiersOfFiles({
  files = new Map<string, string>(),
}: Printed): Readonly<Record<string, readonly string[]>> {
  const own = [...files].filter(([path]) => path.endsWith(".ts") && !path.startsWith("src/runtime/"));
  return Object.fromEntries(own.map(([path, text]) => [path, identifiersIn(path, text)]));
}

/** The structure of JSON: all but the texts. */
function shapeOf(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => (typeof value === "string" ? "" : value));
}

/** Code in all languages that a text could be printed in, and what ends a text in each of them. */
const FRAGMENTS = [
  "*/",
  "/*",
  "//",
  "`",
  "${pwned()}",
  "\\",
  '"',
  "'",
  "\n",
  "\r\n",
  "\r",
  "\t",
  "\u2028",
  "\u2029",
  "\u0085",
  "</script>",
  "<!--",
  "-->",
  "<script>pwned()</script>",
  "pwned();",
  "};",
  "})",
  ")]}",
  "]",
  "{",
  "}",
  ",",
  ":",
  ";",
  "{{pwned}}",
  "{{{pwned}}}",
  "{{#each pwned}}",
  "{{/each}}",
  "{{> pwned}}",
  "{{!--",
  "$&",
  "$1",
  "$$",
  "$`",
  "%s",
  "%",
  "@ts-ignore",
  "@ts-nocheck",
  "@internal",
  "@deprecated",
  "{@link pwned}",
  "//# sourceMappingURL=pwned",
  "\\u0041",
  "```ts\npwned();\n```",
  "```",
  "](javascript:pwned())",
  "import pwned from 'pwned';\n",
  "export const pwned = 1;",
  "process.exit(1)",
  "__proto__",
  "constructor",
  "prototype",
  "\u202e",
  "\u0000",
  "\u200d",
  "größe",
  "温度",
  "🎨",
  " ",
  "a",
  "1",
  "/// <reference path='pwned' />",
  "*/ pwned(); /*",
  "` + pwned() + `",
  '" + pwned() + "',
  "' + pwned() + '",
  "\\` + pwned() + `",
] as const;

const hostile = fc
  .array(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));

/** Hostile texts for all places, decided by one list. The place makes each of them unique. */
function textsOf(strings: readonly string[]) {
  const places = new Map<string, string>();
  const textAt = (place: string): string => {
    const known = places.get(place) ?? `${strings[places.size % strings.length] ?? ""}${places.size}`;
    places.set(place, known);
    return known;
  };
  return Object.assign(textAt, { all: () => places.values() });
}

const PLAIN: Texts = {
  text: textsOf(["plain text "]),
  level: textsOf(["level"]),
  key: textsOf(["key"]),
};
const pool = fc.array(hostile, { minLength: 20, maxLength: 80 });
let plain: Printed;
beforeAll(async () => {
  plain = await print(PLAIN);
  expect(plain.codes).toEqual([]);
});

describe("a hostile spec", () => {
  test("puts no identifier into generated code by prose, values, patterns, annotations and topics", async () => {
    // Sets, because the type of a value may depend on the value, but not the names in it.
    const sets = (printed: Printed) =>
      Object.entries(identifiersOfFiles(printed)).map(([path, names]) => [path, new Set(names)]);
    const expected = sets(plain);
    await fc.assert(
      fc.asyncProperty(pool, async (strings) => {
        const text = textsOf(strings);
        const levels = textsOf(strings.map((item) => `l${item.replaceAll(/[/+#{}[\]\p{Cc}\p{Cn}]/gu, "")}`));
        const printed = await print({ text, level: levels, key: PLAIN.key });
        expect(printed.codes.filter((code) => !code.startsWith("unknown-format"))).toEqual([]);
        expect(sets(printed)).toEqual(expected);
        for (const path of ["package.json", "tsconfig.json"])
          expect(shapeOf(printed.files?.get(path) ?? "")).toEqual(shapeOf(plain.files?.get(path) ?? ""));
      }),
      { numRuns: runs, seed },
    );
  });

  test("puts no identifier into generated code by its keys, except for names of the model", async () => {
    const known = new Set(Object.values(identifiersOfFiles(plain)).flat());
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(pool, fc.boolean(), async (strings, everywhere) => {
        const keys = textsOf(strings);
        // Keys of extensions are levels of topics, so that most hostile ones are refused.
        const key = (place: string) =>
          place === "extension" && !everywhere ? PLAIN.key(place) : keys(place);
        const printed = await print({ ...PLAIN, key });
        if (printed.files === undefined) return;
        accepted++;
        // A key that is an identifier itself is the name of a property. Validators number what belongs to a name.
        const keyed = new Set(keys.all());
        const allowed = (name: string) =>
          known.has(name) || keyed.has(name) || printed.names.has(name.replace(/\$\p{ID_Continue}+$/u, ""));
        const foreign = Object.entries(identifiersOfFiles(printed)).flatMap(([path, names]) =>
          names.filter((name) => !allowed(name)).map((name) => `${path}: ${name}`),
        );
        expect(foreign).toEqual([]);
      }),
      { numRuns: runs, seed },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});
