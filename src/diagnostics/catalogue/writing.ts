import { entry } from "../entry.js";
import { quote } from "../words.js";

/** What can be wrong with the output: files that can not be written, or differ from what would be. */
export const writing = {
  "stale-file": entry(
    "error",
    (p: { readonly file: string }) =>
      `${quote(p.file)} is not what the spec gives; run \`topicsmith generate\` and commit the result`,
  ),
};
