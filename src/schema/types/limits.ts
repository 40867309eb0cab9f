/**
 * The longest tuple that is printed item by item; bounds beyond it widen the type to a plain array. 16 numbers still fit
 * on a line or two of a hover.
 */
export const MAX_TUPLE_LENGTH = 16;
