import { areIntegral, highest, impliedSizeOf, lowest, sizeOf, type Alternative } from "./alternatives.js";
import { isMultipleOf } from "./decimal.js";
import type { Bound, Part } from "./part.js";

/** Whether all values of an alternative keep the limits that another one sets to numbers, texts and sizes. */
export function isWithinScalars(a: Alternative, b: Alternative): boolean {
  const [[least, most], [fewest, largest]] = [impliedSizeOf(a.parts, a.kind), sizeOf(b.parts, a.kind)];
  if (least < fewest || most > largest) return false;
  switch (a.kind) {
    case "number":
      return areNumbersWithin(a.parts, b.parts) && haveSame(a.parts, b.parts, "format");
    case "string":
      return haveSame(a.parts, b.parts, "pattern") && haveSame(a.parts, b.parts, "format");
    case "array":
      return (
        most <= 1 || a.parts.some(({ isUnique }) => isUnique) || !b.parts.some(({ isUnique }) => isUnique)
      );
    default:
      return true;
  }
}

function areNumbersWithin(a: readonly Part[], b: readonly Part[]): boolean {
  const [low, high] = reachedLimits(a);
  const [least, most] = [lowest(b), highest(b)];
  if (
    least &&
    (!low || low.value < least.value || (low.value === least.value && least.isExclusive && !low.isExclusive))
  )
    return false;
  if (
    most &&
    (!high || high.value > most.value || (high.value === most.value && most.isExclusive && !high.isExclusive))
  )
    return false;
  const steps = stepsOf(a);
  return stepsOf(b).every((step) => steps.some((one) => isMultipleOf(one, step)));
}

/** The limits of numbers; of integers, the least and the greatest one. */
function reachedLimits(parts: readonly Part[]): readonly [low: Bound | undefined, high: Bound | undefined] {
  const [low, high] = [lowest(parts), highest(parts)];
  if (!areIntegral(parts)) return [low, high];
  const reached = ({ value, isExclusive }: Bound, rounded: number, step: number) => {
    const isNext = isExclusive && rounded === value;
    // Very large numbers have no next integer.
    return { value: isNext ? rounded + step : rounded, isExclusive: isNext && rounded + step === rounded };
  };
  return [low && reached(low, Math.ceil(low.value), 1), high && reached(high, Math.floor(high.value), -1)];
}

/** The numbers that all values are multiples of. */
function stepsOf(parts: readonly Part[]): readonly number[] {
  return parts.flatMap(({ isInteger, multipleOf }) => [
    ...(isInteger ? [1] : []),
    ...(multipleOf ? [multipleOf] : []),
  ]);
}

function haveSame(a: readonly Part[], b: readonly Part[], key: "pattern" | "format"): boolean {
  return b.every((part) => part[key] === undefined || a.some((one) => one[key] === part[key]));
}

/** Whether there is no number above the one limit and below the other. */
export function isAbove(low: Bound | undefined, high: Bound | undefined): boolean {
  if (low === undefined || high === undefined) return false;
  return low.value > high.value || (low.value === high.value && (low.isExclusive || high.isExclusive));
}
