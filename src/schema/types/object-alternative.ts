import type { ObjectAlternative, Type } from "./type.js";

const regExps = new Map<string, RegExp | undefined>();

/** Whether a member of this name falls under the pattern. */
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

/** The types that the value of a member must all be of. */
export function valueTypes(term: ObjectAlternative, name: string): readonly Type[] {
  const member = term.properties.get(name);
  if (member !== undefined) return [member.type];
  const matching = term.patterns.filter(({ pattern }) => matches(pattern, name));
  return matching.length > 0 ? matching.map(({ type }) => type) : [term.rest];
}
