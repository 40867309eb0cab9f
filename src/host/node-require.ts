/** `require` of Node; undefined in a browser. Only what is used of it is typed. */
interface NodeRequire {
  (specifier: string): unknown;
  resolve(specifier: string): string;
  readonly cache: Record<string, unknown>;
}

const nodeModule = globalThis.process
  // Not imported: a bundler for browsers could not resolve a module of Node.
  ?.getBuiltinModule?.("node:module");

/**
 * Bundlers for browsers take `no-require.ts` instead of this file, by the key `browser` of package.json, because some of them
 * warn of `import.meta`.
 */
export const nodeRequire: NodeRequire | undefined = nodeModule?.createRequire(import.meta.url) as
  NodeRequire | undefined;

/** Modules that were loaded with stand-ins, by specifier: each is loaded once. */
const loadedWith = new Map<string, unknown>();

/**
 * Requires a module that sees stand-ins in place of some of its dependencies. Node forgets what was loaded with them, so that
 * others get the complete modules.
 *
 * @param standIns By the path of the module that they replace. Modules that are loaded already, or do not exist, are not
 *   replaced.
 */
export function requireWith(specifier: string, standIns: Readonly<Record<string, unknown>>): unknown {
  if (loadedWith.has(specifier)) return loadedWith.get(specifier);
  if (nodeModule === undefined || nodeRequire === undefined) throw new Error(`${specifier} needs Node`);
  const { cache } = nodeRequire;
  const before = new Set(Object.keys(cache));
  const inside = nodeModule.createRequire(nodeRequire.resolve(specifier));
  for (const [dependency, exports] of Object.entries(standIns)) {
    const path = pathOf(dependency, inside);
    if (path !== undefined && !before.has(path))
      cache[path] = { id: path, filename: path, loaded: true, exports, children: [], paths: [] };
  }
  try {
    const module = nodeRequire(specifier);
    loadedWith.set(specifier, module);
    return module;
  } finally {
    for (const path of Object.keys(cache)) {
      // oxlint-disable-next-line typescript/no-dynamic-delete -- the cache of Node is an object
      if (!before.has(path)) delete cache[path];
    }
  }
}

function pathOf(specifier: string, { resolve }: Pick<NodeRequire, "resolve">): string | undefined {
  try {
    return resolve(specifier);
  } catch {
    // The library's files have moved: it gets the complete dependency.
    return undefined;
  }
}
