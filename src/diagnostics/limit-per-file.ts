import type { OmittedCounts } from "./diagnostic-list.js";
import type { Severity } from "./define-diagnostic.js";
import { diagnostic, type Diagnostic } from "./diagnostic.js";

/** Number of diagnostics shown for a file. Nobody reads more before they correct the first ones. */
const MAX_SHOWN = 100;

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, hint: 2 };

/**
 * Limits the diagnostics of each file to 100, errors before warnings before hints, and adds a diagnostic that counts the
 * others. It has the severity of the worst of them. The order is kept.
 *
 * @param omitted Numbers of diagnostics that are not in the list.
 */
export function limitPerFile(
  diagnostics: readonly Diagnostic[],
  omitted: OmittedCounts = new Map(),
): readonly Diagnostic[] {
  const byFile = new Map<string | undefined, Diagnostic[]>();
  for (const item of diagnostics) {
    const ofFile = byFile.get(item.range?.file);
    if (ofFile) ofFile.push(item);
    else byFile.set(item.range?.file, [item]);
  }
  return [...byFile].flatMap(([file, all]) => {
    if (file === undefined) return all;
    const ranked = all.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
    const shown = new Set(ranked.slice(0, MAX_SHOWN));
    const count = all.length - shown.size + (omitted.get(file) ?? 0);
    if (count === 0) return all;
    const first = ranked[MAX_SHOWN] ?? all.at(-1);
    const { severity = "error", range } = first ?? {};
    return [
      ...all.filter((item) => shown.has(item)),
      { ...diagnostic("more-problems", { count }, range), severity },
    ];
  });
}
