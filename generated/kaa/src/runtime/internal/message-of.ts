/** The message of a caught value. Never throws, although some values, such as objects without a prototype, have no string form. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "unknown error";
  }
}
