import { limitPerFile, type Diagnostic } from "../diagnostics/index.js";
import { DiagnosticCollector, type SourceFile, SourceFiles } from "../spec/index.js";
import { diskFiles } from "../spec/disk-files.js";
import { checkFault, type Fault, suggestion } from "./check-fault.js";

/** The content of a file of faults. */
export interface ReadFaults {
  /** Empty if there are diagnostics. */
  readonly faults: readonly Fault[];
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that were read, by path; needed to print code frames. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Reads a YAML file of faults: a list, or a mapping with the list under `faults` and a default for their `seed`.
 *
 * @param resources Names of all resources, as the spec spells them: `info.get`.
 */
export async function readFaults(path: string, resources: readonly string[]): Promise<ReadFaults> {
  const collector = new DiagnosticCollector();
  const files = new SourceFiles(path, collector, diskFiles(path));
  const file = files.root();
  const faults = file?.data === undefined ? [] : faultsOf(file, resources, collector);
  const diagnostics = limitPerFile(collector.diagnostics, collector.omitted);
  const sources = new Map(files.all.map((source) => [source.path, source.text]));
  return { faults: diagnostics.length > 0 ? [] : faults, diagnostics, sources };
}

function faultsOf(file: SourceFile, resources: readonly string[], collector: DiagnosticCollector): Fault[] {
  const root: object = typeof file.data === "object" && file.data !== null ? file.data : {};
  const report = (path: readonly (string | number)[], reason: string): void =>
    collector.add("invalid-fault", { reason }, file.rangeOf(path));
  const isList = Array.isArray(root);
  const list: unknown = isList ? root : Reflect.get(root, "faults");
  if (!Array.isArray(list)) {
    collector.add("invalid-fault-file", {}, file.rangeOf([]));
    return [];
  }
  if (!isList) checkRoot(root, report);
  const seed = Reflect.get(root, "seed") as number | undefined;
  return list.flatMap((fault: unknown, index) => {
    const path = isList ? [index] : ["faults", index];
    if (typeof fault !== "object" || fault === null || Array.isArray(fault)) {
      report(path, "expected a mapping, such as { kind: drop }");
      return [];
    }
    const problem = checkFault(fault, resources);
    if (problem) report([...path, problem.property], problem.text);
    // An object that `checkFault` accepts is a fault. The others are discarded by the caller.
    return [{ seed, ...(fault as Fault) }];
  });
}

function checkRoot(root: object, report: (path: readonly string[], reason: string) => void): void {
  for (const [key, value] of Object.entries(root) as [string, unknown][]) {
    if (key === "faults") continue;
    const problem =
      key === "seed"
        ? checkFault({ kind: "drop", seed: value }, [])?.text
        : `unknown key ${key}${suggestion(key, ["faults", "seed"])}`;
    if (problem !== undefined) report([key], problem);
  }
}
