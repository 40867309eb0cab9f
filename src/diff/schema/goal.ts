import type { SchemaLocation, SchemaSet } from "../../schema/index.js";

/** The values that all of some schemas of one API accept. Without schemas: every value. */
export interface Goal {
  readonly set: SchemaSet;
  readonly all: readonly SchemaLocation[];
  /** Equal for equal schemas of the same API. */
  readonly key: string;
}

const numbers = new WeakMap<SchemaSet, number>();
let created = 0;

function numberOf(set: SchemaSet): number {
  const known = numbers.get(set);
  if (known !== undefined) return known;
  numbers.set(set, ++created);
  return created;
}

/** The goal that schemas make together. */
export function goalOf(set: SchemaSet, all: readonly SchemaLocation[]): Goal {
  const unique = [...new Map(all.map((location) => [location.uri, location])).values()].filter(
    ({ schema }) => schema !== true,
  );
  const uris = unique.map(({ uri, schema }) => (schema === false ? "false" : uri)).toSorted();
  return { set, all: unique, key: `${numberOf(set)} ${uris.join(" ")}` };
}

/** The goal of the schema at `uri`. Without a URI, or a schema there: every value. */
export function goalAt(set: SchemaSet, uri: string | undefined): Goal {
  const location = uri === undefined ? undefined : set.index.at(uri);
  return goalOf(set, location ? [location] : []);
}

/** The goal of all schemas of several goals of one API. */
export function both(...goals: readonly [Goal, ...Goal[]]): Goal {
  return goalOf(
    goals[0].set,
    goals.flatMap(({ all }) => all),
  );
}

const validators = new WeakMap<SchemaSet, Map<string, (value: unknown) => boolean>>();

function validatorOf(set: SchemaSet, uri: string): (value: unknown) => boolean {
  const known = validators.get(set) ?? new Map<string, (value: unknown) => boolean>();
  validators.set(set, known);
  const validate = known.get(uri) ?? set.validator(uri);
  known.set(uri, validate);
  return validate;
}

/** Whether every schema of a goal accepts a value. */
export function accepts({ set, all }: Goal, value: unknown): boolean {
  return all.every(({ uri, schema }) =>
    typeof schema === "boolean" ? schema : validatorOf(set, uri)(value),
  );
}

/** Whether no value satisfies a goal, as far as one can see at once. */
export function isNever({ all }: Goal): boolean {
  return all.some(({ schema }) => schema === false);
}
