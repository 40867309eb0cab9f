import { canonicalLocation } from "../references.js";
import type { SchemaSetInternals } from "../schema-set.js";
import { baseNameOf } from "../definitions.js";
import { functionsFrom, FunctionGraph, type FunctionNode } from "./function-graph.js";
import type { ValidatorRequest } from "./request.js";

/** A function with its module and its name. */
export interface FunctionPlacement {
  readonly node: FunctionNode;
  /** Unique among all modules. */
  readonly name: string;
  readonly path: string;
}

/** The placement of every function. */
export interface Assignment {
  readonly functions: ReadonlyMap<FunctionNode, FunctionPlacement>;
  /** The function of each export, by the name of the export. */
  readonly roots: ReadonlyMap<string, FunctionNode>;
}

/**
 * Places each function in the only module that uses it, or in the shared one. Names are derived from the export and the
 * schema, not from a global counter, so that another schema does not change the code of this one.
 */
export function assignFunctions(set: SchemaSetInternals, request: ValidatorRequest): Assignment {
  const { index, compiler } = set;
  const graph = new FunctionGraph(compiler);
  const roots = new Map<string, FunctionNode>();
  const users = new Map<
    FunctionNode,
    { readonly paths: Set<string>; readonly owner: string; isRoot: boolean }
  >();
  for (const { path, exports } of request.modules) {
    for (const { name, uri } of exports) {
      const location = index.at(uri);
      if (location === undefined) throw new Error(`there is no schema at ${uri}`);
      const { validate } = compiler.compile(canonicalLocation(index, location), { allErrors: false });
      const root = graph.node(validate);
      roots.set(name, root);
      for (const node of functionsFrom(root)) {
        const use = users.get(node) ?? { paths: new Set(), owner: name, isRoot: false };
        users.set(node, use);
        use.paths.add(path);
        use.isRoot ||= node === root;
      }
    }
  }
  // A root is named after its first export. Other functions may be used by several.
  const firstExport = new Map<FunctionNode, string>();
  for (const [name, root] of roots) if (!firstExport.has(root)) firstExport.set(root, name);
  const taken = new Set<string>();
  const functions = new Map<FunctionNode, FunctionPlacement>();
  for (const [node, { paths, owner }] of users) {
    const isShared = paths.size > 1;
    const [only] = paths;
    const path = isShared || only === undefined ? request.sharedPath : only;
    const ownName = firstExport.get(node);
    const stem = node.unit === undefined ? node.id : baseNameOf(node.unit.location);
    const wanted =
      ownName === undefined ? `${isShared ? "shared" : owner}$${identifierPart(stem)}` : `${ownName}$0`;
    functions.set(node, { node, path, name: free(wanted, taken) });
  }
  return { functions, roots };
}

/** Converts a word to a part of an identifier. */
export function identifierPart(word: string): string {
  return word.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "") || "schema";
}

function free(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
  taken.add(name);
  return name;
}
