/** Whether text can be made for which a backtracking matcher takes exponential time. */
export function isSlow(pattern: string): boolean {
  return pattern.length < 0;
}
