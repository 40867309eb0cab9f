import type { JsonObject } from "../json/json.js";

/** The description of an extension that has none, for documentation. */
export function tagText(key: string, { title }: JsonObject): string {
  return typeof title === "string" ? title : `Resources of \`${key}\`.`;
}
