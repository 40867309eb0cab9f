import { isIdentifier } from "../model/letters.js";

/** Code that {@link literal} prints verbatim. */
export class RawExpression {
  constructor(readonly text: string) {}
}

/** A value of the spec, or of the model, as a TypeScript expression. Properties that are `undefined` are omitted. */
export function literal(value: unknown): string {
  if (value instanceof RawExpression) return value.text;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  // JSON text can hold -0, but JSON.stringify prints it as 0.
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const properties = Object.entries(value)
    .filter(([, property]) => property !== undefined)
    .map(([key, property]) =>
      property instanceof RawExpression && property.text === key
        ? key
        : `${propertyKey(key)}: ${literal(property)}`,
    );
  return properties.length === 0 ? "{}" : `{ ${properties.join(", ")} }`;
}

/** A key as printed in an object literal. `__proto__` needs brackets, or it would set the prototype. */
export function propertyKey(key: string): string {
  if (key === "__proto__") return `["__proto__"]`;
  return isIdentifier(key) ? key : JSON.stringify(key);
}

/** `endpoint.sensors`, or `endpoint["…"]` where the name is not an identifier. */
export function propertyAccess(object: string, name: string): string {
  return isIdentifier(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`;
}
