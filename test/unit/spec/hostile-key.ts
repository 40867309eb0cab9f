import * as fc from "fast-check";

/** Keys that break naive code: properties of Object.prototype, escapes, special characters of YAML and URIs. */
export const hostileKey = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "a/b",
    "~",
    "~1",
    "%41",
    "#",
    "..",
    ".",
    "a b",
    "é",
    "😀",
    "- x",
    "on",
    "1",
  ),
  fc.string({ minLength: 1, unit: "grapheme" }),
);
