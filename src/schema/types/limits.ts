/**
 * The longest tuple that is printed item by item. Longer ones would fill a hover, so bounds beyond it widen the type
 * to a
 * plain array.
 */
export const MAX_TUPLE_LENGTH = 16;
