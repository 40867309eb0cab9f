import { format } from "prettier";

/** Formats a TypeScript example for a column of the page. Returns code that prettier cannot parse as it is. */
export async function formatCode(code: string): Promise<string> {
  try {
    return (await format(code, { parser: "typescript", printWidth: 88 })).trimEnd();
  } catch {
    return code;
  }
}
