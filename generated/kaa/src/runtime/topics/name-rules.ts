/** The rules for the names in the topics of messages. */
import type { ParameterDefinition } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import { integerProblem, isRequestId, levelProblem, parseRequestId } from "./grammar.js";

/** The rules for the value of a name: whether a value is legal, and the value that a text represents. */
export interface NameRule {
  readonly problem: (value: unknown) => string | undefined;
  /** Returns `undefined` for a text that no legal value gives. */
  readonly parse: (text: string) => unknown;
  readonly secret?: boolean;
}

/** The rule of a parameter at this position of a topic. */
export function parameterRule(
  { pattern, integer }: ParameterDefinition,
  position: { readonly first: boolean; readonly trailing: Protocol | false },
): NameRule {
  if (integer === undefined) {
    const problem = (value: unknown) => levelProblem(value, { ...position, pattern });
    return { problem, parse: (text) => (problem(text) === undefined ? text : undefined) };
  }
  const problem = (value: unknown) =>
    integerProblem(value, integer) ?? levelProblem(String(value), { ...position, pattern });
  return {
    problem,
    parse: (text) => {
      const value = /^(?:0|-?[1-9][0-9]{0,15})$/.test(text) ? Number(text) : undefined;
      return problem(value) === undefined ? value : undefined;
    },
  };
}

/** The rule of request ids: numbers of the range that the protocol accepts, or texts. */
export function requestIdRule(ids: Protocol["requestId"]): NameRule {
  if (ids?.type === "string") {
    const { maxLength = Infinity } = ids;
    const problem = (value: unknown): string | undefined =>
      typeof value === "string" && new TextEncoder().encode(value).length > maxLength
        ? `must have at most ${maxLength} bytes`
        : levelProblem(value);
    return { problem, parse: (text) => (problem(text) === undefined ? text : undefined) };
  }
  const range = ids?.accept;
  return {
    problem: (value) => {
      if (isRequestId(value, range)) return undefined;
      return range ? `must be a whole number from ${range.minimum} to ${range.maximum}` : "must be left out";
    },
    parse: (text) => parseRequestId(text, range),
  };
}
