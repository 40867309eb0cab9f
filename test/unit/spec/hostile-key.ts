import * as fc from "fast-check";

/** Keys that have gone wrong somewhere: members of Object.prototype, escapes, what is special in YAML or URIs. */
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
