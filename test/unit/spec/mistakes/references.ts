import { root, extension, resource, type Mistake } from "./mistake.js";
import { EXTENSION, ROOT } from "../support.js";

/** Mistakes in what refers to something else. */
export const REFERENCE_MISTAKES: readonly Mistake[] = [
  {
    code: "misplaced-reference",
    title: "a resource is a $ref",
    files: extension("resources:\n  say: { $ref: ./say.yaml }\n"),
    says: [
      "ext.yaml:2:10-2:14 misplaced-reference: a $ref stands for an extension, a schema or an error payload only; write this part out",
    ],
  },
  {
    code: "misplaced-reference",
    title: "a request is a $ref",
    files: resource("request: { $ref: ./say.yaml }"),
    says: [
      "ext.yaml:5:16-5:20 misplaced-reference: a $ref stands for an extension, a schema or an error payload only; write this part out",
    ],
  },
  {
    code: "reference-sibling",
    title: "an extension's $ref has company",
    files: {
      "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./ext.yaml, title: A, x-mine: 1 }\n`,
      "ext.yaml": EXTENSION,
    },
    says: ['root.yaml:5:28-5:33 reference-sibling: beside $ref nothing else may stand here; remove "title"'],
  },
  {
    code: "invalid-reference",
    title: "an escape is broken",
    files: root("extensions:\n  ext: { $ref: ./100%.yaml }\n"),
    says: [
      'root.yaml:5:16-5:27 invalid-reference: "./100%.yaml" is no reference: a "%" must begin an escape such as %20; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "an escape in a pointer is broken",
    files: resource("request: { schema: { $ref: ./ext.yaml#/a~2 } }"),
    says: [
      'ext.yaml:5:32-5:47 invalid-reference: "./ext.yaml#/a~2" is no reference: a "~" must be written ~0; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "an extension is named by an anchor",
    files: root("extensions:\n  ext: { $ref: ./root.yaml#ext }\n"),
    says: [
      'root.yaml:5:16-5:31 invalid-reference: "./root.yaml#ext" is no reference: a "/" must follow the "#"; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "a schema of a spec file is named by an anchor",
    files: resource("request: { schema: { $ref: ./ext.yaml#ext } }"),
    says: [
      'ext.yaml:5:32-5:46 invalid-reference: "./ext.yaml#ext" is no reference: a "/" must follow the "#"; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "invalid-reference",
    title: "a slash is escaped",
    files: resource("request: { schema: { $ref: a%2Fb.json } }"),
    says: [
      'ext.yaml:5:32-5:42 invalid-reference: "a%2Fb.json" is no reference: File URL path must not include encoded / characters; write it like "./file.yaml#/resources/name"',
    ],
  },
  {
    code: "remote-reference",
    title: "an extension is on the network",
    files: root("extensions:\n  ext: { $ref: https://example.com/ext.yaml }\n"),
    says: [
      'root.yaml:5:16-5:44 remote-reference: "https://example.com/ext.yaml" is not a file beside this one, and the network is never used; save it, and refer to the file',
    ],
  },
  {
    code: "remote-reference",
    title: "a registered file is on the network",
    files: root("schemas: { https://example.com/a.json: https://example.com/b.json }\nextensions: {}\n"),
    says: [
      'root.yaml:4:40-4:66 remote-reference: "https://example.com/b.json" is not a file beside this one, and the network is never used; save it, and refer to the file',
    ],
  },
  {
    code: "dangling-reference",
    title: "an extension is not in the file",
    files: {
      "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./all.yaml#/extensions/exd }\n`,
      "all.yaml": "extensions: { ext: { resources: {} } }\n",
    },
    says: [
      'root.yaml:5:16-5:42 dangling-reference: "./all.yaml#/extensions/exd" leads nowhere: there is no "exd"; did you mean "ext"?',
    ],
  },
  {
    code: "dangling-reference",
    title: "a schema is not in the file",
    files: resource("request: { schema: { $ref: ./geo.json#/$defs/pint } }", {
      "geo.json": '{"$defs": {"point": {}}}',
    }),
    says: [
      'ext.yaml:5:32-5:54 dangling-reference: "./geo.json#/$defs/pint" leads nowhere: there is no "pint"; did you mean "point"?',
    ],
  },
  {
    code: "dangling-reference",
    title: "a pointer leads nowhere within a schema file",
    files: resource("request: { schema: { $ref: ./geo.json } }", {
      "geo.json": '{"items": {"$ref": "#/$defs/pint"}, "$defs": {"point": {}}}',
    }),
    says: [
      'geo.json:1:20-1:34 dangling-reference: "#/$defs/pint" leads nowhere: there is no "pint"; did you mean "point"?',
    ],
  },
  {
    code: "dangling-reference",
    title: "a pointer in an inline schema is meant for the file",
    files: resource(
      "request: { schema: { items: { $ref: '#/resources/say/response/schema' } } }\nresponse: { schema: {} }",
    ),
    says: [
      'ext.yaml:5:41-5:74 dangling-reference: "#/resources/say/response/schema" leads nowhere: there is no "resources"; "#" is the schema that this stands in, so write "./ext.yaml#/resources/say/response/schema"',
    ],
  },
  {
    code: "dangling-reference",
    title: "a bare $ref is meant for the file",
    files: resource(
      "request: { schema: { $ref: '#/resources/say/response/schema' } }\nresponse: { schema: {} }",
    ),
    says: [
      'ext.yaml:5:32-5:65 dangling-reference: "#/resources/say/response/schema" leads nowhere: there is no "resources"; "#" is the schema that this stands in, so write "./ext.yaml#/resources/say/response/schema"',
    ],
  },
  {
    code: "missing-file",
    title: "a registered file that is needed is missing",
    files: {
      ...resource("request: { schema: { items: { $ref: https://example.com/a } } }"),
      "root.yaml": `${ROOT}extensions: { ext: { $ref: ext.yaml } }\nschemas: { https://example.com/a: no.json }\n`,
    },
    says: ['root.yaml:5:35-5:42 missing-file: there is no file "no.json"; check the path'],
  },
  {
    code: "dangling-reference",
    title: "an anchor is not in the file",
    files: resource("request: { schema: { $ref: ./geo.json#pint } }", {
      "geo.json": '{"items": {"$anchor": "point"}}',
    }),
    says: [
      'ext.yaml:5:32-5:47 dangling-reference: "./geo.json#pint" leads nowhere: there is no "pint"; did you mean "point"?',
    ],
  },
  {
    code: "wrong-target",
    title: "an extension's $ref leads to a root file",
    files: { "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./other.yaml }\n`, "other.yaml": ROOT },
    says: [
      'root.yaml:5:16-5:28 wrong-target: "./other.yaml" leads to a root file, but must lead to an extension; refer to another place',
    ],
  },
  {
    code: "wrong-target",
    title: "an error payload's $ref leads to a schema",
    files: resource("error: { $ref: ./error.json }", { "error.json": '{"type": "object"}' }),
    says: [
      'ext.yaml:5:20-5:32 wrong-target: "./error.json" leads to a mapping without the key "schema", but must lead to an error payload; refer to another place',
    ],
  },
  {
    code: "wrong-target",
    title: "a schema's $ref leads to a resource",
    files: resource("request: { schema: { $ref: './ext.yaml#/resources/say' } }"),
    says: [
      'ext.yaml:5:32-5:59 wrong-target: "./ext.yaml#/resources/say" leads to a part of the spec that is no schema, but must lead to a schema; refer to another place',
    ],
  },
  {
    code: "wrong-target",
    title: "a schema's $ref leads to a list",
    files: resource("request: { schema: { $ref: './geo.json#/required' } }", {
      "geo.json": '{"required": ["a"]}',
    }),
    says: [
      'ext.yaml:5:32-5:54 wrong-target: "./geo.json#/required" leads to a list, but must lead to a schema; refer to another place',
    ],
  },
  {
    code: "circular-reference",
    title: "extension files refer to each other",
    files: extension("$ref: ./b.yaml\n", { "b.yaml": "$ref: ./ext.yaml\n" }),
    says: [
      "root.yaml:5:16-5:26 circular-reference: these references only lead to each other: ext.yaml -> b.yaml -> ext.yaml; let one of them be the thing itself",
    ],
  },
  {
    code: "circular-reference",
    title: "two extensions lead to one circle",
    files: {
      "root.yaml": `${ROOT}extensions:\n  a: { $ref: ./a.yaml }\n  b: { $ref: ./b.yaml }\n`,
      "a.yaml": "$ref: ./b.yaml\n",
      "b.yaml": "$ref: ./a.yaml\n",
    },
    says: [
      "root.yaml:5:14-5:22 circular-reference: these references only lead to each other: a.yaml -> b.yaml -> a.yaml; let one of them be the thing itself",
    ],
  },
  {
    code: "circular-reference",
    title: "inline schemas refer to each other",
    files: resource(
      "request: { schema: { $ref: './ext.yaml#/resources/say/response/schema' } }\nresponse: { schema: { $ref: './ext.yaml#/resources/say/request/schema' } }",
    ),
    says: [
      "ext.yaml:5:32-5:75 circular-reference: these references only lead to each other: ext.yaml#/resources/say/request/schema -> ext.yaml#/resources/say/response/schema -> ext.yaml#/resources/say/request/schema; let one of them be the thing itself",
    ],
  },
];
