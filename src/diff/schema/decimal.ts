/** Whether a number is a multiple of another one, in exact decimal digits. */
export function isMultipleOf(value: number, step: number): boolean {
  const scale = Math.max(digitsOf(value), digitsOf(step));
  const [dividend, divisor] = [scaled(value, scale), scaled(step, scale)];
  return divisor !== 0n && dividend % divisor === 0n;
}

/** The number of digits behind the decimal point. */
export function digitsOf(value: number): number {
  const [, fraction = "", exponent = "0"] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}

function scaled(value: number, scale: number): bigint {
  const [, sign = "", whole = "0", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const zeros = scale - fraction.length + Number(exponent);
  return BigInt(sign + whole + fraction + "0".repeat(Math.max(0, zeros)));
}
