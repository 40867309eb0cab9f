/** The same JSON value with `{message}` filled in wherever a string holds it. */
export function fillMessage(template: unknown, message: string): unknown {
  if (typeof template === "string") return template.replaceAll("{message}", () => message);
  if (Array.isArray(template)) return template.map((item) => fillMessage(item, message));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, fillMessage(value, message)]),
  );
}
