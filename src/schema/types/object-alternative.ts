import { UNKNOWN, type ObjectAlternative, type Type } from "./type.js";

const regExps = new Map<string, RegExp | undefined>();

/** Whether the pattern matches the name of a property. */
export function matches(pattern: string, name: string): boolean {
  if (!regExps.has(pattern)) regExps.set(pattern, compile(pattern));
  return regExps.get(pattern)?.test(name) ?? false;
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
}

/** The types that the value of a property must satisfy. */
export function valueTypes(alternative: ObjectAlternative, name: string): readonly Type[] {
  const property = alternative.properties.get(name);
  if (property !== undefined) return [property.type];
  const matching = alternative.patterns.filter(({ pattern }) => matches(pattern, name));
  return matching.length > 0 ? matching.map(({ type }) => type) : [alternative.rest];
}

/** Objects that have all of these properties. */
export function objectRequiring(names: readonly string[]): Type {
  return names.length === 0 ? UNKNOWN : [objectWithProperty(names, { type: UNKNOWN, required: true })];
}

/** Objects whose properties of these names have the given type. */
export function objectWithProperty(
  names: readonly string[],
  property: { readonly type: Type; readonly required: boolean },
): ObjectAlternative {
  return {
    kind: "object",
    properties: new Map(names.map((name) => [name, property])),
    patterns: [],
    rest: UNKNOWN,
  };
}
