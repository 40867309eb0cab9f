import { bytes, root, extension, resource, type Mistake } from "./mistake.js";
import { EXTENSION } from "../support.js";

/** Mistakes in the text of a file, before its meaning. */
export const TEXT_MISTAKES: readonly Mistake[] = [
  {
    code: "missing-file",
    title: "there is no root file",
    files: { "rot.yaml": "" },
    says: ['missing-file: there is no file "root.yaml"; did you mean "rot.yaml"?'],
  },
  {
    code: "missing-file",
    title: "there is no extension file",
    files: { ...root("extensions:\n  ext: { $ref: ./ext.yaml }\n"), "ex.yaml": "" },
    says: ['root.yaml:5:16-5:26 missing-file: there is no file "ext.yaml"; did you mean "ex.yaml"?'],
  },
  {
    code: "missing-file",
    title: "a registered schema file that nothing needs is missing",
    files: root("schemas:\n  https://example.com/geo.json: ./geo.json\nextensions: {}\n"),
    says: ['root.yaml:5:33-5:43 missing-file: there is no file "geo.json"; check the path'],
  },
  {
    code: "not-a-file",
    title: "a folder stands behind a $ref",
    files: extension(null),
    says: ['root.yaml:5:16-5:26 not-a-file: "ext.yaml" is a folder; name a file'],
  },
  {
    code: "not-a-file",
    title: "a device stands behind a $ref",
    files: extension({ linkTo: "/dev/null" }),
    says: ['root.yaml:5:16-5:26 not-a-file: "ext.yaml" is a device; name a file'],
  },
  {
    code: "unreadable-file",
    title: "a file is a link to itself",
    files: extension({ linkTo: "ext.yaml" }),
    says: ['root.yaml:5:16-5:26 unreadable-file: "ext.yaml" can not be read: ELOOP; make it readable'],
  },
  {
    code: "not-utf-8",
    title: "a byte is not UTF-8",
    files: extension(bytes("resources: {}\n# caf", 0xc3, 0xa9, " caf", 0xe9, "\n")),
    says: ["ext.yaml:2:11-2:12 not-utf-8: this byte is not UTF-8; save the file in that encoding"],
  },
  {
    code: "not-utf-8",
    title: "a file is UTF-16",
    files: extension(new Uint8Array(Buffer.from("\ufeffresources: {}\n", "utf16le"))),
    says: ["ext.yaml:1:1-1:2 not-utf-8: this byte is not UTF-8; save the file in that encoding"],
  },
  {
    code: "empty-file",
    title: "a file is empty",
    files: extension(""),
    says: ["ext.yaml:1:1-1:1 empty-file: the file is empty; write the spec, or remove what refers to it"],
  },
  {
    code: "empty-file",
    title: "a file has only comments",
    files: extension("# soon\n---\n"),
    says: ["ext.yaml:1:1-1:1 empty-file: the file is empty; write the spec, or remove what refers to it"],
  },
  {
    code: "yaml-syntax",
    title: "a bracket is missing",
    files: extension("resources: {\n"),
    says: [
      "ext.yaml:2:1-2:2 yaml-syntax: this is not YAML: Flow map in block collection must be sufficiently indented and end with a }",
    ],
  },
  {
    code: "yaml-syntax",
    title: "indentation is wrong",
    files: extension("resources:\n  say:\n    path: x\n   requestId: none\n"),
    says: ["ext.yaml:4:1-4:2 yaml-syntax: this is not YAML: All mapping items must start at the same column"],
  },
  {
    code: "yaml-syntax",
    title: "a mapping follows a text, which is wrong in two ways",
    files: extension("resources: {}\nx-a: b\n  c: 4\n"),
    says: [
      "ext.yaml:2:6-2:7 yaml-syntax: this is not YAML: Nested mappings are not allowed in compact mappings",
    ],
  },
  {
    code: "yaml-version",
    title: "a file is YAML 1.1",
    files: extension(`%YAML 1.1\n---\n${EXTENSION}`),
    says: [
      'ext.yaml:1:1-1:10 yaml-version: YAML 1.1 reads words like "on" and "no" otherwise; remove the %YAML line, for YAML 1.2',
    ],
  },
  {
    code: "multiple-documents",
    title: "a file holds two documents",
    files: extension(`${EXTENSION}---\n${EXTENSION}`),
    says: [
      "ext.yaml:3:1-3:4 multiple-documents: a second YAML document begins here; split the file, or remove this line",
    ],
  },
  {
    code: "duplicate-key",
    title: "a key stands twice",
    files: extension("title: A\nresources: {}\ntitle: B\n"),
    says: [
      'ext.yaml:3:1-3:6 duplicate-key: the key "title" stands on line 1 already; rename or remove one of them',
    ],
  },
  {
    code: "non-string-key",
    title: "a key is a number",
    files: extension("resources:\n  1: { path: a, requestId: none }\n"),
    says: ['ext.yaml:2:3-2:4 non-string-key: the key "1" is a number, but a key is a text; put it in quotes'],
  },
  {
    code: "non-string-key",
    title: "a key is a list",
    files: extension("resources:\n  ? [a]\n  : { path: a, requestId: none }\n"),
    says: [
      "ext.yaml:2:5-2:8 non-string-key: the key here is a collection, but a key is a text; put it in quotes",
    ],
  },
  {
    code: "non-string-key",
    title: "a key is missing",
    files: extension("resources:\n  : { path: a, requestId: none }\n"),
    says: ["ext.yaml:2:3-2:3 non-string-key: the key here is nothing, but a key is a text; put it in quotes"],
  },
  {
    code: "unknown-anchor",
    title: "an alias has no anchor",
    files: extension("x-a: &say 1\nresources: *sai\n"),
    says: ['ext.yaml:2:12-2:16 unknown-anchor: there is no anchor "sai" above; did you mean "say"?'],
  },
  {
    code: "circular-alias",
    title: "an alias stands inside its anchor",
    files: extension("resources: &r\n  a: *r\n"),
    says: [
      'ext.yaml:2:6-2:8 circular-alias: the alias "r" stands inside what it stands for, and would never end; write the value out',
    ],
  },
  {
    code: "too-many-aliases",
    title: "aliases multiply",
    files: extension(bomb()),
    says: [
      "ext.yaml:5:38-5:40 too-many-aliases: the aliases of this file stand for more than 100000 values; write them out, or share a schema by $ref",
    ],
  },
  {
    code: "unknown-tag",
    title: "a value has a tag",
    files: extension("title: !date 2020-01-01\nresources: {}\n"),
    says: ['ext.yaml:1:8-1:13 unknown-tag: the tag "!date" means nothing here; remove it'],
  },
  {
    code: "non-finite-number",
    title: "a number is not finite",
    files: resource("request:\n  schema: { minimum: -.inf, default: .nan }"),
    says: [
      "ext.yaml:6:26-6:31 non-finite-number: JSON has no -.inf; write a finite number, or put it in quotes to have a text",
      "ext.yaml:6:42-6:46 non-finite-number: JSON has no .nan; write a finite number, or put it in quotes to have a text",
    ],
  },
  {
    code: "too-deep",
    title: "brackets are nested too deep",
    files: extension(`title: A\nresources: ${"[".repeat(3000)}`),
    says: [
      "ext.yaml:2:611-2:612 too-deep: more than 600 levels are nested here; divide it, for example by $ref",
    ],
  },
  {
    code: "too-deep",
    title: "aliases are nested too deep",
    files: extension(deepAliases()),
    says: [
      "ext.yaml:2:406-2:408 too-deep: more than 600 levels are nested here; divide it, for example by $ref",
    ],
  },
];

/** A few lines that stand for 10 ** 8 values. */
function bomb(): string {
  const levels = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name, index, names) => {
    const items = Array.from({ length: 10 }, () => (index === 0 ? "1" : `*${names[index - 1]}`));
    return `x-${name}: &${name} [${items.join(", ")}]`;
  });
  return `${levels.join("\n")}\nresources: {}\n`;
}

/** Lists that hold each other by alias, each 400 levels deep. */
function deepAliases(): string {
  const nest = (inner: string) => `${"[".repeat(400)}${inner}${"]".repeat(400)}`;
  return `x-a: &a ${nest("1")}\nx-b: ${nest("*a")}\nresources: {}\n`;
}
