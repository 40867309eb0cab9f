/**
 * Mends what is wrong in the code that ajv makes. Where a schema with `patternProperties` stands beside branches that
 * may evaluate members, ajv's account of the evaluated ones is still undefined, or already "all of them", when it notes
 * the next one: that throws, for values that anyone can send.
 */
export function patchAjvCode(code: string): string {
  return code.replaceAll(/^(props\d+)\[(key\d+)\] = true;$/gm, "if($1 !== true)($1 ??= {})[$2] = true;");
}
