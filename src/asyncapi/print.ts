import { stringify } from "yaml";

/** The syntax of a document. */
export type DocumentFormat = "yaml" | "json";

/**
 * Prints data as YAML or JSON, with a newline at its end.
 *
 * @param version The version of YAML. `1.1` quotes every text that a reader of it takes for a date, a number or a boolean.
 */
export function printDocument(data: unknown, format: DocumentFormat, version: "1.1" | "1.2" = "1.1"): string {
  if (format === "json") return `${JSON.stringify(data, undefined, 2)}\n`;
  return stringify(data, {
    aliasDuplicateObjects: false,
    blockQuote: "literal",
    lineWidth: 0,
    version,
  });
}

/** Whether a text is a document that topicsmith exported, so that an export may replace it. */
export function isExportedText(text: string): boolean {
  return /^\s*[{]?\s*"?asyncapi"?:/.test(text) && /^\s*"?x-topicsmith"?:/m.test(text);
}
