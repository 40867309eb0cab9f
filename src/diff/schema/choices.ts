/** The values of one part of a body, for the makers of objects and lists. */
import type { Goal } from "./goal.js";

/** Longer lists and larger objects are made only where one side refuses them for their size: they take long to judge. */
export const MAX_ITEMS = 300;

/** The values of a part that tell two schemas apart. */
export interface Choices {
  readonly own: Goal | undefined;
  readonly values: readonly unknown[];
  /** The valid ones. */
  readonly fitting: readonly unknown[];
  readonly best: unknown;
}

/** Of a part that does not exist. */
export const NO_CHOICE: Choices = { own: undefined, values: [], fitting: [], best: undefined };

/** Makes the choices of a part from its goal, and from those of its counterparts. */
export type Choose = (own: Goal, others: readonly Goal[]) => Choices;

/** Values without repetitions, as JSON tells them apart. */
export function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
