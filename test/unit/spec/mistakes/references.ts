import { root, extension, resource, type Mistake } from "./mistake.js";
import { EXTENSION, ROOT } from "../support.js";

/** Mistakes in references. */
export const REFERENCE_MISTAKES: readonly Mistake[] = [
  {
    code: "misplaced-reference",
    title: "a resource is a $ref",
    files: extension("resources:\n  say: { $ref: ./say.yaml }\n"),
    expected: [
      "ext.yaml:2:10-2:14 misplaced-reference: $ref is allowed only for extensions, schemas and error payloads; inline the value",
    ],
  },
  {
    code: "misplaced-reference",
    title: "a request is a $ref",
    files: resource("request: { $ref: ./say.yaml }"),
    expected: [
      "ext.yaml:5:16-5:20 misplaced-reference: $ref is allowed only for extensions, schemas and error payloads; inline the value",
    ],
  },
  {
    code: "reference-sibling",
    title: "an extension's $ref has a sibling",
    files: {
      "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./ext.yaml, title: A, x-mine: 1 }\n`,
      "ext.yaml": EXTENSION,
    },
    expected: ['root.yaml:5:28-5:33 reference-sibling: $ref cannot have sibling keys; remove "title"'],
  },
  {
    code: "invalid-reference",
    title: "a reference is no URL",
    files: root('extensions:\n  ext: { $ref: "\\\\/ !" }\n'),
    expected: [
      'root.yaml:5:16-5:23 invalid-reference: "\\\\/ !" is not a valid reference: Invalid URL; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "an escape is broken",
    files: root("extensions:\n  ext: { $ref: ./100%.yaml }\n"),
    expected: [
      'root.yaml:5:16-5:27 invalid-reference: "./100%.yaml" is not a valid reference: a "%" must begin an escape such as %20; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "an escape in a pointer is broken",
    files: resource("request: { schema: { $ref: ./ext.yaml#/a~2 } }"),
    expected: [
      'ext.yaml:5:32-5:47 invalid-reference: "./ext.yaml#/a~2" is not a valid reference: a "~" must be written ~0; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "an extension is named by an anchor",
    files: root("extensions:\n  ext: { $ref: ./root.yaml#ext }\n"),
    expected: [
      'root.yaml:5:16-5:31 invalid-reference: "./root.yaml#ext" is not a valid reference: a "/" must follow the "#"; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "a schema of a spec file is named by an anchor",
    files: resource("request: { schema: { $ref: ./ext.yaml#ext } }"),
    expected: [
      'ext.yaml:5:32-5:46 invalid-reference: "./ext.yaml#ext" is not a valid reference: a "/" must follow the "#"; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "a slash is escaped",
    files: resource("request: { schema: { $ref: a%2Fb.json } }"),
    expected: [
      'ext.yaml:5:32-5:42 invalid-reference: "a%2Fb.json" is not a valid reference: File URL path must not include encoded / characters; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "remote-reference",
    title: "an extension's $ref is a URL",
    files: root("extensions:\n  ext: { $ref: https://example.com/ext.yaml }\n"),
    expected: [
      'root.yaml:5:16-5:44 remote-reference: "https://example.com/ext.yaml" is not a local file, and remote files are not fetched; save it next to the spec and refer to that file',
    ],
  },
  {
    code: "remote-reference",
    title: "a registered file is a URL",
    files: root("schemas: { https://example.com/a.json: https://example.com/b.json }\nextensions: {}\n"),
    expected: [
      'root.yaml:4:40-4:66 remote-reference: "https://example.com/b.json" is not a local file, and remote files are not fetched; save it next to the spec and refer to that file',
    ],
  },
  {
    code: "dangling-reference",
    title: "an extension's $ref names a missing key",
    files: {
      "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./all.yaml#/extensions/exd }\n`,
      "all.yaml": "extensions: { ext: { resources: {} } }\n",
    },
    expected: [
      'root.yaml:5:16-5:42 dangling-reference: cannot resolve "./all.yaml#/extensions/exd": "exd" does not exist; did you mean "ext"?',
    ],
  },
  {
    code: "dangling-reference",
    title: "a schema's $ref names a missing key",
    files: resource("request: { schema: { $ref: ./geo.json#/$defs/pint } }", {
      "geo.json": '{"$defs": {"point": {}}}',
    }),
    expected: [
      'ext.yaml:5:32-5:54 dangling-reference: cannot resolve "./geo.json#/$defs/pint": "pint" does not exist; did you mean "point"?',
    ],
  },
  {
    code: "dangling-reference",
    title: "a $ref within a schema file names a missing key",
    files: resource("request: { schema: { $ref: ./geo.json } }", {
      "geo.json": '{"items": {"$ref": "#/$defs/pint"}, "$defs": {"point": {}}}',
    }),
    expected: [
      'geo.json:1:20-1:34 dangling-reference: cannot resolve "#/$defs/pint": "pint" does not exist; did you mean "point"?',
    ],
  },
  {
    code: "dangling-reference",
    title: "a $ref within an inline schema is meant for the file",
    files: resource(
      "request: { schema: { items: { $ref: '#/resources/say/response/schema' } } }\nresponse: { schema: {} }",
    ),
    expected: [
      'ext.yaml:5:41-5:74 dangling-reference: cannot resolve "#/resources/say/response/schema": "resources" does not exist; "#" refers to this schema, not to the file, so write "./ext.yaml#/resources/say/response/schema"',
    ],
  },
  {
    code: "dangling-reference",
    title: "a bare $ref is meant for the file",
    files: resource(
      "request: { schema: { $ref: '#/resources/say/response/schema' } }\nresponse: { schema: {} }",
    ),
    expected: [
      'ext.yaml:5:32-5:65 dangling-reference: cannot resolve "#/resources/say/response/schema": "resources" does not exist; "#" refers to this schema, not to the file, so write "./ext.yaml#/resources/say/response/schema"',
    ],
  },
  {
    code: "missing-file",
    title: "a used registered file does not exist",
    files: {
      ...resource("request: { schema: { items: { $ref: https://example.com/a } } }"),
      "root.yaml": `${ROOT}extensions: { ext: { $ref: ext.yaml } }\nschemas: { https://example.com/a: no.json }\n`,
    },
    expected: ['root.yaml:5:35-5:42 missing-file: the file "no.json" does not exist; check the path'],
  },
  {
    code: "dangling-reference",
    title: "a schema's $ref names a missing anchor",
    files: resource("request: { schema: { $ref: ./geo.json#pint } }", {
      "geo.json": '{"items": {"$anchor": "point"}}',
    }),
    expected: [
      'ext.yaml:5:32-5:47 dangling-reference: cannot resolve "./geo.json#pint": "pint" does not exist; did you mean "point"?',
    ],
  },
  {
    code: "wrong-target",
    title: "an extension's $ref leads to a root file",
    files: { "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./other.yaml }\n`, "other.yaml": ROOT },
    expected: [
      'root.yaml:5:16-5:28 wrong-target: "./other.yaml" must refer to an extension, but refers to a root file; correct the reference',
    ],
  },
  {
    code: "wrong-target",
    title: "an error payload's $ref leads to a schema",
    files: resource("error: { $ref: ./error.json }", { "error.json": '{"type": "object"}' }),
    expected: [
      'ext.yaml:5:20-5:32 wrong-target: "./error.json" must refer to an error payload, but refers to a mapping without the key "schema"; correct the reference',
    ],
  },
  {
    code: "wrong-target",
    title: "a schema's $ref leads to a resource",
    files: resource("request: { schema: { $ref: './ext.yaml#/resources/say' } }"),
    expected: [
      'ext.yaml:5:32-5:59 wrong-target: "./ext.yaml#/resources/say" must refer to a schema, but refers to a part of the spec that is not a schema; correct the reference',
    ],
  },
  {
    code: "wrong-target",
    title: "a schema's $ref leads to a list",
    files: resource("request: { schema: { $ref: './geo.json#/required' } }", {
      "geo.json": '{"required": ["a"]}',
    }),
    expected: [
      'ext.yaml:5:32-5:54 wrong-target: "./geo.json#/required" must refer to a schema, but refers to a list; correct the reference',
    ],
  },
  {
    code: "circular-reference",
    title: "extension files refer to each other",
    files: extension("$ref: ./b.yaml\n", { "b.yaml": "$ref: ./ext.yaml\n" }),
    expected: [
      "root.yaml:5:16-5:26 circular-reference: circular $ref: ext.yaml -> b.yaml -> ext.yaml; replace one of these references with a value",
    ],
  },
  {
    code: "circular-reference",
    title: "two extensions refer to one cycle",
    files: {
      "root.yaml": `${ROOT}extensions:\n  a: { $ref: ./a.yaml }\n  b: { $ref: ./b.yaml }\n`,
      "a.yaml": "$ref: ./b.yaml\n",
      "b.yaml": "$ref: ./a.yaml\n",
    },
    expected: [
      "root.yaml:5:14-5:22 circular-reference: circular $ref: a.yaml -> b.yaml -> a.yaml; replace one of these references with a value",
    ],
  },
  {
    code: "circular-reference",
    title: "inline schemas refer to each other",
    files: resource(
      "request: { schema: { $ref: './ext.yaml#/resources/say/response/schema' } }\nresponse: { schema: { $ref: './ext.yaml#/resources/say/request/schema' } }",
    ),
    expected: [
      "ext.yaml:5:32-5:75 circular-reference: circular $ref: ext.yaml#/resources/say/request/schema -> ext.yaml#/resources/say/response/schema -> ext.yaml#/resources/say/request/schema; replace one of these references with a value",
    ],
  },
];
