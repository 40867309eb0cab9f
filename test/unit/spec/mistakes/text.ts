import { bytes, root, extension, resource, type Mistake } from "./mistake.js";
import { EXTENSION } from "../support.js";

/** Mistakes in the text of a file, before its meaning. */
export const TEXT_MISTAKES: readonly Mistake[] = [
  {
    code: "missing-file",
    title: "the root file does not exist",
    files: { "rot.yaml": "" },
    expected: ['missing-file: the file "root.yaml" does not exist; did you mean "rot.yaml"?'],
  },
  {
    code: "missing-file",
    title: "an extension file does not exist",
    files: { ...root("extensions:\n  ext: { $ref: ./ext.yaml }\n"), "ex.yaml": "" },
    expected: [
      'root.yaml:5:16-5:26 missing-file: the file "ext.yaml" does not exist; did you mean "ex.yaml"?',
    ],
  },
  {
    code: "missing-file",
    title: "an unused registered schema file does not exist",
    files: root("schemas:\n  https://example.com/geo.json: ./geo.json\nextensions: {}\n"),
    expected: ['root.yaml:5:33-5:43 missing-file: the file "geo.json" does not exist; check the path'],
  },
  {
    code: "not-a-file",
    title: "a $ref names a folder",
    files: extension(null),
    expected: ['root.yaml:5:16-5:26 not-a-file: "ext.yaml" is a folder, not a file; give the path of a file'],
  },
  {
    code: "not-a-file",
    title: "a $ref names a device",
    allow: ["/dev"],
    files: extension({ linkTo: "/dev/null" }),
    expected: ['root.yaml:5:16-5:26 not-a-file: "ext.yaml" is a device, not a file; give the path of a file'],
  },
  {
    code: "outside-file",
    title: "a link leads out of the folder of the root file",
    files: extension({ linkTo: "/etc/passwd" }),
    expected: [
      'root.yaml:5:16-5:26 outside-file: "ext.yaml" is hidden or outside of the folders that this spec may read (that of the root file, and its git repository); copy it there, or allow its folder with --allow',
    ],
  },
  {
    code: "too-large-file",
    title: "a file has more than 8 MiB",
    files: extension(`# ${"a".repeat(8 * 1024 * 1024)}\n`),
    expected: [
      'root.yaml:5:16-5:26 too-large-file: "ext.yaml" is larger than 8388608 bytes; split it with $ref',
    ],
  },
  {
    code: "unreadable-file",
    title: "a file is a symbolic link to itself",
    files: extension({ linkTo: "ext.yaml" }),
    expected: [
      'root.yaml:5:16-5:26 unreadable-file: cannot read "ext.yaml": ELOOP; make sure that the file is readable',
    ],
  },
  {
    code: "not-utf-8",
    title: "a byte is not UTF-8",
    files: extension(bytes("resources: {}\n# caf", 0xc3, 0xa9, " caf", 0xe9, "\n")),
    expected: ["ext.yaml:2:11-2:12 not-utf-8: invalid UTF-8; save the file as UTF-8"],
  },
  {
    code: "not-utf-8",
    title: "a file is UTF-16",
    files: extension(new Uint8Array(Buffer.from("\ufeffresources: {}\n", "utf16le"))),
    expected: ["ext.yaml:1:1-1:2 not-utf-8: invalid UTF-8; save the file as UTF-8"],
  },
  {
    code: "empty-file",
    title: "a file is empty",
    files: extension(""),
    expected: [
      "ext.yaml:1:1-1:1 empty-file: the file is empty; add its content, or remove the reference to it",
    ],
  },
  {
    code: "empty-file",
    title: "a file has only comments",
    files: extension("# soon\n---\n"),
    expected: [
      "ext.yaml:1:1-1:1 empty-file: the file is empty; add its content, or remove the reference to it",
    ],
  },
  {
    code: "yaml-syntax",
    title: "a bracket is missing",
    files: extension("resources: {\n"),
    expected: [
      "ext.yaml:2:1-2:2 yaml-syntax: invalid YAML: Flow map in block collection must be sufficiently indented and end with a }",
    ],
  },
  {
    code: "yaml-syntax",
    title: "indentation is wrong",
    files: extension("resources:\n  say:\n    path: x\n   requestId: none\n"),
    expected: ["ext.yaml:4:1-4:2 yaml-syntax: invalid YAML: All mapping items must start at the same column"],
  },
  {
    code: "yaml-syntax",
    title: "a mapping follows a string, which is two syntax errors",
    files: extension("resources: {}\nx-a: b\n  c: 4\n"),
    expected: [
      "ext.yaml:2:6-2:7 yaml-syntax: invalid YAML: Nested mappings are not allowed in compact mappings",
    ],
  },
  {
    code: "unquoted-template",
    title: "a template of a block mapping has no quotes",
    files: root("extensions: {}\nx-topic: {base}/x\n"),
    expected: [
      'root.yaml:5:16-5:18 unquoted-template: YAML reads the brackets of the template {base}/x as a mapping or a list; quote the template: "{base}/x"',
    ],
  },
  {
    code: "unquoted-template",
    title: "a template of a flow mapping has no quotes",
    files: extension("resources:\n  say: { path: a/{b}[/{c}] }\n"),
    expected: [
      'ext.yaml:2:18-2:19 unquoted-template: YAML reads the brackets of the template a/{b}[/{c}] as a mapping or a list; quote the template: "a/{b}[/{c}]"',
    ],
  },
  {
    code: "yaml-version",
    title: "a file is YAML 1.1",
    files: extension(`%YAML 1.1\n---\n${EXTENSION}`),
    expected: [
      'ext.yaml:1:1-1:10 yaml-version: YAML 1.1 is not supported, because it reads words such as "on" and "no" differently; remove the %YAML line to use YAML 1.2',
    ],
  },
  {
    code: "multiple-documents",
    title: "a file contains two documents",
    files: extension(`${EXTENSION}---\n${EXTENSION}`),
    expected: [
      "ext.yaml:3:1-3:4 multiple-documents: the file contains a second YAML document; split the file, or remove this line",
    ],
  },
  {
    code: "duplicate-key",
    title: "a mapping has a key twice",
    files: extension("title: A\nresources: {}\ntitle: B\n"),
    expected: [
      'ext.yaml:3:1-3:6 duplicate-key: duplicate key "title" (first on line 1); rename or remove one of them',
    ],
  },
  {
    code: "non-string-key",
    title: "a key is a number",
    files: extension("resources:\n  1: { path: a, requestId: none }\n"),
    expected: [
      'ext.yaml:2:3-2:4 non-string-key: the key "1" is a number, but keys must be strings; put it in quotes',
    ],
  },
  {
    code: "non-string-key",
    title: "a key is a list",
    files: extension("resources:\n  ? [a]\n  : { path: a, requestId: none }\n"),
    expected: [
      "ext.yaml:2:5-2:8 non-string-key: this key is a mapping or a list, but keys must be strings; put it in quotes",
    ],
  },
  {
    code: "non-string-key",
    title: "a key is missing",
    files: extension("resources:\n  : { path: a, requestId: none }\n"),
    expected: [
      "ext.yaml:2:3-2:3 non-string-key: this key is null, but keys must be strings; put it in quotes",
    ],
  },
  {
    code: "unknown-anchor",
    title: "an alias has no anchor",
    files: extension("x-a: &say 1\nresources: *sai\n"),
    expected: [
      'ext.yaml:2:12-2:16 unknown-anchor: the anchor "sai" is not defined before this alias; did you mean "say"?',
    ],
  },
  {
    code: "circular-alias",
    title: "an alias is inside the value of its anchor",
    files: extension("resources: &r\n  a: *r\n"),
    expected: [
      'ext.yaml:2:6-2:8 circular-alias: the alias "r" is recursive: it refers to a value that contains it; inline the value',
    ],
  },
  {
    code: "too-many-aliases",
    title: "nested aliases multiply",
    files: extension(bomb()),
    expected: [
      "ext.yaml:5:38-5:40 too-many-aliases: the aliases in this file expand to more than 100000 values; inline them, or share schemas with $ref",
    ],
  },
  {
    code: "unknown-tag",
    title: "a value has a tag",
    files: extension("title: !date 2020-01-01\nresources: {}\n"),
    expected: ['ext.yaml:1:8-1:13 unknown-tag: unknown YAML tag "!date"; remove it'],
  },
  {
    code: "non-finite-number",
    title: "a number is not finite",
    files: resource("request:\n  schema: { minimum: -.inf, default: .nan }"),
    expected: [
      "ext.yaml:6:26-6:31 non-finite-number: -.inf is not a JSON value; write a finite number, or put it in quotes to make it a string",
      "ext.yaml:6:42-6:46 non-finite-number: .nan is not a JSON value; write a finite number, or put it in quotes to make it a string",
    ],
  },
  {
    code: "too-deep",
    title: "brackets are nested too deep",
    files: extension(`title: A\nresources: ${"[".repeat(3000)}`),
    expected: ["ext.yaml:2:611-2:612 too-deep: nested deeper than 600 levels; split it with $ref"],
  },
  {
    code: "too-deep",
    title: "aliases are nested too deep",
    files: extension(deepAliases()),
    expected: ["ext.yaml:2:406-2:408 too-deep: nested deeper than 600 levels; split it with $ref"],
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
