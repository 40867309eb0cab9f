import { canonicalLocation } from "../references.js";
import type { SchemaSetInternals } from "../schema-set.js";
import { baseNameOf } from "../definitions.js";
import { functionsFrom, FunctionGraph, type FunctionNode } from "./function-graph.js";
import type { ValidatorRequest } from "./request.js";

/** A function, the module it goes to and its name there. */
export interface FunctionPlacement {
  readonly node: FunctionNode;
  /** Unique over all modules. */
  readonly name: string;
  readonly path: string;
}

/** Where every function goes. */
export interface Assignment {
  readonly functions: ReadonlyMap<FunctionNode, FunctionPlacement>;
  /** The function behind each export, by the export's name. */
  readonly roots: ReadonlyMap<string, FunctionNode>;
}

/**
 * Puts each function into the module that alone uses it, and what several use into the shared one. Names come from the
 * export and the schema, never from a counter over everything, so that a schema more changes no other's code.
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
  // Only a root is sure to be called by one name: its first export's.
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

/** What is left of a word in an identifier. */
export function identifierPart(word: string): string {
  return word.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "") || "schema";
}

function free(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
  taken.add(name);
  return name;
}
