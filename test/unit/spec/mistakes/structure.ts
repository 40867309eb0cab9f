import { root, extension, resource, type Mistake } from "./mistake.js";
import { EXTENSION, ROOT } from "../support.js";

/** Mistakes in keys and values. */
export const STRUCTURE_MISTAKES: readonly Mistake[] = [
  {
    code: "unknown-key",
    title: "a key is misspelled",
    files: extension("titel: A\nresources: {}\n"),
    expected: ['ext.yaml:1:1-1:6 unknown-key: unknown key "titel"; did you mean "title"?'],
  },
  {
    code: "unknown-key",
    title: "a required key is misspelled",
    files: extension("resources:\n  say: { pth: say, requestid: none }\n"),
    expected: [
      'ext.yaml:2:10-2:13 unknown-key: unknown key "pth"; did you mean "path"?',
      'ext.yaml:2:20-2:29 unknown-key: unknown key "requestid"; did you mean "requestId"?',
    ],
  },
  {
    code: "unknown-key",
    title: "a key is unknown",
    files: root("extensions: {}\nservers:\n  a: { url: mqtt://a, port: 1883 }\n"),
    expected: ['root.yaml:6:23-6:27 unknown-key: unknown key "port"; use url, description or an x- key'],
  },
  {
    code: "unknown-key",
    title: "a key is called __proto__",
    files: extension("resources: {}\n__proto__: { title: 1 }\n"),
    expected: [
      'ext.yaml:2:1-2:10 unknown-key: unknown key "__proto__"; use title, description, source, protocol, parameters, renamedFrom, resources or an x- key',
    ],
  },
  {
    code: "missing-key",
    title: "a key is missing in the root file",
    files: { "root.yaml": "topicsmith: 1\n" },
    expected: ['root.yaml:1:1-2:1 missing-key: a root file must have the key "api"; add it'],
  },
  {
    code: "missing-key",
    title: "a key is missing in an extension",
    files: extension("title: Say\n"),
    expected: ['ext.yaml:1:1-2:1 missing-key: an extension must have the key "resources"; add it'],
  },
  {
    code: "missing-key",
    title: "the format version is missing",
    files: { "root.yaml": `${ROOT.replace("topicsmith: 1\n", "")}extensions: {}\n` },
    expected: ['root.yaml:1:1-4:1 missing-key: a root file must have the key "topicsmith"; add it'],
  },
  {
    code: "wrong-type",
    title: "a file is a string",
    files: extension("hello\n"),
    expected: ["ext.yaml:1:1-1:6 wrong-type: expected a mapping, found a string"],
  },
  {
    code: "wrong-type",
    title: "a number is in place of a string",
    files: { "root.yaml": `${ROOT.replace("1.0.0", "1.0")}extensions: {}\n` },
    expected: ["root.yaml:2:42-2:45 wrong-type: expected a string, found a number; put it in quotes"],
  },
  {
    code: "wrong-type",
    title: "an empty value is in place of a mapping",
    files: extension("resources:\n"),
    expected: [
      "ext.yaml:1:11-1:11 wrong-type: expected a mapping, found an empty value; add a value, or remove the key",
    ],
  },
  {
    code: "wrong-type",
    title: "a list is in place of a mapping or a string",
    files: resource("response: [empty]"),
    expected: ["ext.yaml:5:15-5:22 wrong-type: expected a mapping or a string, found a list"],
  },
  {
    code: "wrong-type",
    title: "a string is in place of a boolean",
    files: resource('idempotent: "true"'),
    expected: ["ext.yaml:5:17-5:23 wrong-type: expected a boolean, found a string; remove the quotes"],
  },
  {
    code: "wrong-type",
    title: "a $ref is not a string",
    files: root("extensions:\n  ext: { $ref: [] }\n"),
    expected: ["root.yaml:5:16-5:18 wrong-type: expected a string, found a list"],
  },
  {
    code: "wrong-value",
    title: "a value is misspelled",
    files: extension("resources:\n  say: { path: say, requestId: require }\n"),
    expected: ['ext.yaml:2:32-2:39 wrong-value: invalid value "require"; did you mean "required"?'],
  },
  {
    code: "wrong-value",
    title: "a value is unknown",
    files: resource("response: nothing"),
    expected: ['ext.yaml:5:15-5:22 wrong-value: invalid value "nothing"; use "empty"'],
  },
  {
    code: "wrong-value",
    title: "the quotes of a string are missing",
    files: { "root.yaml": `${ROOT.replace("protocol: {", "protocol: { mqtt: 5,")}extensions: {}\n` },
    expected: ['root.yaml:3:19-3:20 wrong-value: invalid value 5; did you mean "5"?'],
  },
  {
    code: "wrong-value",
    title: "a number has quotes",
    files: resource('qos: "1"'),
    expected: ['ext.yaml:5:10-5:13 wrong-value: invalid value "1"; did you mean 1?'],
  },
  {
    code: "wrong-value",
    title: "a number is none of those allowed",
    files: resource("qos: 7"),
    expected: ["ext.yaml:5:10-5:11 wrong-value: invalid value 7; use 0, 1 or 2"],
  },
  {
    code: "unsupported-format-version",
    title: "the format has another version",
    files: { "root.yaml": `${ROOT.replace("topicsmith: 1", "topicsmith: 2")}extensions: {}\n` },
    expected: [
      "root.yaml:1:13-1:14 unsupported-format-version: format version 2 is not supported; use version 1, written as `topicsmith: 1`",
    ],
  },
  {
    code: "unsupported-format-version",
    title: "the format version is a string",
    files: { "root.yaml": `${ROOT.replace("topicsmith: 1", 'topicsmith: "1"')}extensions: {}\n` },
    expected: [
      'root.yaml:1:13-1:16 unsupported-format-version: the format version "1" is a string; remove the quotes: `topicsmith: 1`',
    ],
  },
  ...[
    [
      "asyncapi: 3.0.0",
      "1:1-1:9",
      "an AsyncAPI 3.0.0 document",
      'convert it with "npx topicsmith import asyncapi", or ',
    ],
    ["openapi: 3.1.0", "1:1-1:8", "an OpenAPI 3.1.0 document"],
    ['swagger: "2.0"', "1:1-1:8", "a Swagger 2.0 document"],
    ['$schema: "http://json-schema.org/draft-07/schema#"', "1:1-1:8", "a JSON Schema"],
  ].map(([first, range, found, convert = ""]) => ({
    code: "foreign-format" as const,
    title: `the root file is ${found}`,
    files: { "root.yaml": `${first}\ninfo: { title: Lights, version: 1.0.0 }\nchannels: {}\n` },
    expected: [
      `root.yaml:${range} foreign-format: this is ${found}, not a topicsmith spec; ${convert}write a root file that begins with "topicsmith: 1" and refer to the schemas with $ref`,
    ],
  })),
  {
    code: "invalid-format",
    title: "the API version is not a semantic version",
    files: { "root.yaml": `${ROOT.replace("1.0.0", "v1")}extensions: {}\n` },
    expected: [
      'root.yaml:2:42-2:44 invalid-format: invalid value "v1"; use a semantic version, such as 1.0.0',
    ],
  },
  {
    code: "invalid-format",
    title: "a server URL is not an MQTT URL",
    files: root("extensions: {}\nservers: { a: { url: https://example.com } }\n"),
    expected: [
      'root.yaml:5:22-5:41 invalid-format: invalid value "https://example.com"; use an mqtt:, mqtts:, ws: or wss: URL, such as mqtts://broker.example.com:8883',
    ],
  },
  {
    code: "invalid-format",
    title: "the package name is not an npm name",
    files: root("extensions: {}\npackage: { name: My Package }\n"),
    expected: [
      'root.yaml:5:18-5:28 invalid-format: invalid value "My Package"; use an npm package name, such as garden-client or @acme/devices',
    ],
  },
  {
    code: "invalid-format",
    title: "a schema is registered under a relative path",
    files: root("schemas: { geo: ./geo.json }\nextensions: {}\n"),
    expected: [
      'root.yaml:4:12-4:15 invalid-format: invalid value "geo"; use an absolute URI without a fragment, such as https://example.com/geo.json',
    ],
  },
  {
    code: "invalid-pattern",
    title: "a pattern is not a regular expression",
    files: resource('parameters: { a: { pattern: "^(a$" } }'),
    expected: [
      'ext.yaml:5:33-5:39 invalid-pattern: "^(a$" is not a valid regular expression: Unterminated group; correct the pattern',
    ],
  },
  {
    code: "empty-value",
    title: "a path is empty",
    files: extension('resources:\n  say: { path: "", requestId: none }\n'),
    expected: ['ext.yaml:2:16-2:18 empty-value: "path" must not be empty; add a value'],
  },
  {
    code: "out-of-range",
    title: "an id is negative",
    files: {
      "root.yaml": `${ROOT.replace("protocol: {", "protocol: { requestId: { minimum: -1, maximum: 1.0e+20 },")}extensions: {}\n`,
    },
    expected: [
      "root.yaml:3:35-3:37 out-of-range: -1 is out of range; use a number of at least 0",
      "root.yaml:3:48-3:55 out-of-range: 100000000000000000000 is out of range; use a number of at most 9007199254740991",
    ],
  },
  {
    code: "duplicate-item",
    title: "the scope of request ids contains a parameter twice",
    files: {
      "root.yaml": `${ROOT.replace("protocol: {", "protocol: { requestId: { minimum: 0, maximum: 9, uniquePer: [a, b, a] },")}extensions: {}\n`,
    },
    expected: ['root.yaml:3:68-3:69 duplicate-item: "a" is listed twice; remove one of them'],
  },
  {
    code: "binary-schema",
    title: "a binary body has a schema",
    files: resource(
      "request: { contentType: application/octet-stream, schema: { type: string } }\nresponse: { contentType: application/octet-stream, emptyWhen: {} }",
    ),
    expected: [
      'ext.yaml:5:55-5:61 binary-schema: binary bodies cannot have a schema; remove "schema", or the contentType application/octet-stream',
      'ext.yaml:6:56-6:65 binary-schema: binary bodies cannot have a schema; remove "emptyWhen", or the contentType application/octet-stream',
    ],
  },
  {
    code: "not-a-root-file",
    title: "an extension file is passed as the root file",
    files: { "root.yaml": EXTENSION },
    expected: [
      'root.yaml:1:1-3:1 not-a-root-file: this is an extension file; pass the root file instead, which begins with "topicsmith: 1"',
    ],
  },
];
