/** Code that {@link literal} prints verbatim. */
export class RawExpression {
  constructor(readonly text: string) {}
}

/** A value of the spec, or of the model, as a TypeScript expression. Members that are `undefined` are left out. */
export function literal(value: unknown): string {
  if (value instanceof RawExpression) return value.text;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${memberName(key)}: ${literal(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** A key as printed in an object literal. `__proto__` needs brackets, or it would set the prototype. */
export function memberName(key: string): string {
  if (key === "__proto__") return `["__proto__"]`;
  return isIdentifier(key) ? key : JSON.stringify(key);
}

/** `device.dcx`, or `device["…"]` where the name is no identifier. */
export function memberAccess(object: string, name: string): string {
  return isIdentifier(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`;
}

function isIdentifier(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);
}
