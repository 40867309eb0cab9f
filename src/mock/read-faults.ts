import { type Diagnostic, didYouMean } from "../diagnostics/index.js";
import { DiagnosticCollector, SourceFiles } from "../spec/index.js";
import { type Fault, problemOfFault } from "./faults.js";

/** What came of reading a file of faults. */
export interface ReadFaults {
  /** Empty if something is wrong. */
  readonly faults: readonly Fault[];
  readonly diagnostics: readonly Diagnostic[];
  /** For code frames. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Reads faults from a YAML file: a list of them, or an object with the list under `faults`, where `seed` is for all that
 * have none of their own.
 *
 * @param resources What resources there are: `epmx.get`.
 */
export async function readFaults(path: string, resources: readonly string[]): Promise<ReadFaults> {
  const problems = new DiagnosticCollector();
  const files = new SourceFiles(path, problems);
  const file = await files.root();
  const faults: Fault[] = [];
  if (file?.data !== undefined) {
    const { data } = file;
    const root: object = typeof data === "object" && data !== null ? data : {};
    const list: unknown = Array.isArray(root) ? root : Reflect.get(root, "faults");
    const before = Array.isArray(root) ? [] : ["faults"];
    if (!Array.isArray(list)) problems.add("no-fault-list", {}, file.rangeOf([]));
    else {
      if (!Array.isArray(root))
        checkRoot(root, (key, reason) => problems.add("not-a-fault", { reason }, file.rangeOf([key])));
      for (const [index, fault] of list.entries() as IterableIterator<[number, unknown]>) {
        const at = [...before, index];
        if (typeof fault !== "object" || fault === null || Array.isArray(fault)) {
          problems.add("not-a-fault", { reason: "it is no object" }, file.rangeOf(at));
          continue;
        }
        const problem = problemOfFault(fault, resources);
        if (problem)
          problems.add("not-a-fault", { reason: problem.text }, file.rangeOf([...at, problem.member]));
        // What `problemOfFault` has no objection to is one.
        faults.push({ seed: Reflect.get(root, "seed") as number | undefined, ...(fault as Fault) });
      }
    }
  }
  const sources = new Map(files.all.map((each) => [each.path, each.text]));
  const diagnostics = problems.diagnostics;
  return { faults: diagnostics.length > 0 ? [] : faults, diagnostics, sources };
}

/** Beside the list there may be a seed, and nothing else. */
function checkRoot(root: object, tell: (key: string, reason: string) => void): void {
  for (const [key, value] of Object.entries(root) as [string, unknown][]) {
    if (key === "faults") continue;
    const meant = didYouMean(key, ["faults", "seed"]);
    const problem = key === "seed" ? problemOfFault({ kind: "drop", seed: value }, [])?.text : undefined;
    if (problem !== undefined) tell(key, problem);
    if (key !== "seed")
      tell(key, `${key} is not known${meant === undefined ? "" : `; did you mean ${meant}?`}`);
  }
}
