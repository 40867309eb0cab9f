import { Document, isMap, isScalar, type Pair } from "yaml";
import type { Draft } from "./make-draft.js";

/** Prints a draft with its comments. */
export function printDraft({ data, notes }: Draft): string {
  const document = new Document(data, { aliasDuplicateObjects: false, version: "1.2" });
  document.commentBefore = headOf(notes.lost);
  for (const [key, lines] of notes.comments) {
    const pair = pairAt(document, JSON.parse(key) as readonly string[]);
    if (pair === undefined || !isScalar(pair.key)) continue;
    const text = lines.map((line) => ` ${line.replace(/\s+/g, " ")}`).join("\n");
    const known = pair.key.commentBefore;
    pair.key.commentBefore = known === undefined || known === null ? text : `${known}\n${text}`;
  }
  return document.toString({ blockQuote: "literal", lineWidth: 0 });
}

/** The key that a comment is about, or the nearest one around it. */
function pairAt(document: Document, path: readonly string[]): Pair | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const map: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (!isMap(map)) continue;
    const name = path[length - 1];
    const pair = map.items.find(({ key }) => isScalar(key) && key.value === name);
    if (pair !== undefined) return pair;
  }
  return undefined;
}

function headOf(lost: readonly string[]): string {
  const lines = [
    "A draft, imported from AsyncAPI. Read the comments that begin with Decide, then delete them.",
    ...(lost.length === 0
      ? []
      : ["", "Not imported:", ...lost.map((line) => `- ${line.replace(/\s+/g, " ")}`)]),
  ];
  return lines.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");
}
