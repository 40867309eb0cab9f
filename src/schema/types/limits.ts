/**
 * The longest tuple that is printed item by item. Longer ones would fill a hover, so bounds beyond it widen the type
 * to a
 * plain array.
 */
export const MAX_TUPLE_LENGTH = 16;

/**
 * The most combinations of alternatives in a printed intersection of declared types. The compiler gives up at 100,000
 * (TS2590); 4,096 leave room for what the types are used in. Beyond it, the definitions are merged into one type.
 */
export const MAX_NAMED_COMBINATIONS = 4_096;

/**
 * The number of definitions that are merged inside each other. The merges of definitions that refer to each other multiply
 * with every level, and people nest none. What is deeper has the type of its definition, which is wider.
 */
export const MAX_NESTED_MERGES = 3;
