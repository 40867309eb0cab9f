import { root, extension, resource, type Mistake } from "./mistake.js";
import { EXTENSION, ROOT } from "../support.js";

/** Mistakes in keys and values. */
export const SHAPE_MISTAKES: readonly Mistake[] = [
  {
    code: "unknown-key",
    title: "a key is misspelled",
    files: extension("titel: A\nresources: {}\n"),
    says: ['ext.yaml:1:1-1:6 unknown-key: the key "titel" is not known here; did you mean "title"?'],
  },
  {
    code: "unknown-key",
    title: "a needed key is misspelled",
    files: extension("resources:\n  say: { pth: say, requestid: none }\n"),
    says: [
      'ext.yaml:2:10-2:13 unknown-key: the key "pth" is not known here; did you mean "path"?',
      'ext.yaml:2:20-2:29 unknown-key: the key "requestid" is not known here; did you mean "requestId"?',
    ],
  },
  {
    code: "unknown-key",
    title: "a key is unknown",
    files: root("extensions: {}\nservers:\n  a: { url: mqtt://a, port: 1883 }\n"),
    says: [
      'root.yaml:6:23-6:27 unknown-key: the key "port" is not known here; known are url and description, and a key of your own begins with "x-"',
    ],
  },
  {
    code: "unknown-key",
    title: "a key is called __proto__",
    files: extension("resources: {}\n__proto__: { title: 1 }\n"),
    says: [
      'ext.yaml:2:1-2:10 unknown-key: the key "__proto__" is not known here; known are title, description, source and resources, and a key of your own begins with "x-"',
    ],
  },
  {
    code: "missing-key",
    title: "a key is missing in the root file",
    files: { "root.yaml": ROOT },
    says: ['root.yaml:1:1-4:1 missing-key: the key "extensions" is missing in a root file; add it'],
  },
  {
    code: "missing-key",
    title: "keys are missing in a resource",
    files: extension("resources:\n  say: {}\n"),
    says: [
      'ext.yaml:2:3-2:6 missing-key: the key "path" is missing in a resource; add it',
      'ext.yaml:2:3-2:6 missing-key: the key "requestId" is missing in a resource; add it',
    ],
  },
  {
    code: "missing-key",
    title: "the version of the format is missing",
    files: { "root.yaml": `${ROOT.replace("topicsmith: 1\n", "")}extensions: {}\n` },
    says: ['root.yaml:1:1-4:1 missing-key: the key "topicsmith" is missing in a root file; add it'],
  },
  {
    code: "wrong-type",
    title: "a file is a text",
    files: extension("hello\n"),
    says: ["ext.yaml:1:1-1:6 wrong-type: a mapping belongs here, but this is a text; change it"],
  },
  {
    code: "wrong-type",
    title: "a number stands where a text belongs",
    files: { "root.yaml": `${ROOT.replace("1.0.0", "1.0")}extensions: {}\n` },
    says: ["root.yaml:2:42-2:45 wrong-type: a text belongs here, but this is a number; put it in quotes"],
  },
  {
    code: "wrong-type",
    title: "nothing stands where a mapping belongs",
    files: extension("resources:\n"),
    says: [
      "ext.yaml:1:11-1:11 wrong-type: a mapping belongs here, but this is empty; fill it in, or remove the key",
    ],
  },
  {
    code: "wrong-type",
    title: "a list stands where a mapping or a text belongs",
    files: resource("response: [empty]"),
    says: ["ext.yaml:5:15-5:22 wrong-type: a mapping or a text belongs here, but this is a list; change it"],
  },
  {
    code: "wrong-type",
    title: "a text stands where true or false belongs",
    files: resource('idempotent: "true"'),
    says: [
      "ext.yaml:5:17-5:23 wrong-type: true or false belongs here, but this is a text; remove the quotes",
    ],
  },
  {
    code: "wrong-type",
    title: "the $ref is no text",
    files: root("extensions:\n  ext: { $ref: [] }\n"),
    says: ["root.yaml:5:16-5:18 wrong-type: a text belongs here, but this is a list; change it"],
  },
  {
    code: "wrong-value",
    title: "a word is misspelled",
    files: extension("resources:\n  say: { path: say, requestId: require }\n"),
    says: ['ext.yaml:2:32-2:39 wrong-value: "require" is not possible here; did you mean "required"?'],
  },
  {
    code: "wrong-value",
    title: "a word is unknown",
    files: resource("response: nothing"),
    says: ['ext.yaml:5:15-5:22 wrong-value: "nothing" is not possible here; write "empty"'],
  },
  {
    code: "wrong-value",
    title: "quotes are missing",
    files: { "root.yaml": `${ROOT.replace("protocol: {", "protocol: { mqtt: 5,")}extensions: {}\n` },
    says: ['root.yaml:3:19-3:20 wrong-value: 5 is not possible here; did you mean "5"?'],
  },
  {
    code: "wrong-value",
    title: "quotes are too many",
    files: resource('qos: "1"'),
    says: ['ext.yaml:5:10-5:13 wrong-value: "1" is not possible here; did you mean 1?'],
  },
  {
    code: "unsupported-format-version",
    title: "the format is of another version",
    files: { "root.yaml": `${ROOT.replace("topicsmith: 1", "topicsmith: 2")}extensions: {}\n` },
    says: [
      "root.yaml:1:13-1:14 unsupported-format-version: the format version 2 is not known; this topicsmith reads version 1, written `topicsmith: 1`",
    ],
  },
  {
    code: "invalid-format",
    title: "the version is no semantic one",
    files: { "root.yaml": `${ROOT.replace("1.0.0", "v1")}extensions: {}\n` },
    says: [
      'root.yaml:2:42-2:44 invalid-format: "v1" is not as it must be here; write a semantic version, such as 1.0.0',
    ],
  },
  {
    code: "invalid-format",
    title: "a server speaks no MQTT",
    files: root("extensions: {}\nservers: { a: { url: https://example.com } }\n"),
    says: [
      'root.yaml:5:22-5:41 invalid-format: "https://example.com" is not as it must be here; write an mqtt:, mqtts:, ws: or wss: URL, such as mqtts://broker.example.com:8883',
    ],
  },
  {
    code: "invalid-format",
    title: "a package has an impossible name",
    files: root("extensions: {}\npackage: { name: My Package }\n"),
    says: [
      'root.yaml:5:18-5:28 invalid-format: "My Package" is not as it must be here; write an npm package name, such as kaa-device-client or @acme/devices',
    ],
  },
  {
    code: "invalid-format",
    title: "a schema is registered under a path",
    files: root("schemas: { geo: ./geo.json }\nextensions: {}\n"),
    says: [
      'root.yaml:4:12-4:15 invalid-format: "geo" is not as it must be here; write an absolute URI without a fragment, such as https://example.com/geo.json',
    ],
  },
  {
    code: "invalid-pattern",
    title: "a pattern is no regular expression",
    files: resource('parameters: { a: { pattern: "^(a$" } }'),
    says: [
      'ext.yaml:5:33-5:39 invalid-pattern: "^(a$" is no regular expression: Unterminated group; correct it',
    ],
  },
  {
    code: "empty-value",
    title: "a path is empty",
    files: extension('resources:\n  say: { path: "", requestId: none }\n'),
    says: ['ext.yaml:2:16-2:18 empty-value: "path" must not be empty; fill it in'],
  },
  {
    code: "out-of-range",
    title: "an id is negative",
    files: {
      "root.yaml": `${ROOT.replace("protocol: {", "protocol: { requestId: { minimum: -1, maximum: 1.0e+20 },")}extensions: {}\n`,
    },
    says: [
      "root.yaml:3:35-3:37 out-of-range: -1 is out of range; write a number that is at least 0",
      "root.yaml:3:48-3:55 out-of-range: 100000000000000000000 is out of range; write a number that is at most 9007199254740991",
    ],
  },
  {
    code: "duplicate-item",
    title: "a scope names a parameter twice",
    files: {
      "root.yaml": `${ROOT.replace("protocol: {", "protocol: { requestId: { minimum: 0, maximum: 9, uniquePer: [a, b, a] },")}extensions: {}\n`,
    },
    says: ['root.yaml:3:68-3:69 duplicate-item: "a" stands in this list twice; remove one'],
  },
  {
    code: "binary-schema",
    title: "bytes have a schema",
    files: resource(
      "request: { contentType: application/octet-stream, schema: { type: string } }\nresponse: { contentType: application/octet-stream, emptyWhen: {} }",
    ),
    says: [
      'ext.yaml:5:55-5:61 binary-schema: bytes have no schema; remove "schema", or the contentType application/octet-stream',
      'ext.yaml:6:56-6:65 binary-schema: bytes have no schema; remove "emptyWhen", or the contentType application/octet-stream',
    ],
  },
  {
    code: "not-a-root-file",
    title: "an extension file is given as the root",
    files: { "root.yaml": EXTENSION },
    says: [
      'root.yaml:1:1-3:1 not-a-root-file: this is an extension file; name the root file, which begins with "topicsmith: 1"',
    ],
  },
];
