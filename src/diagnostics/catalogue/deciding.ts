import { entry } from "../entry.js";
import { quote } from "../words.js";

/** What can be wrong with what a spec means: topics, names, rules between resources. */
export const deciding = {
  "duplicate-topic": entry(
    "error",
    (p: { readonly first: string; readonly second: string; readonly topic: string }) =>
      `the resources ${p.first} and ${p.second} share the topic ${quote(p.topic)}; give one of them another path`,
  ),
};
