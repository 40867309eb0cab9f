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

/** Requires a module that sees an empty object for one of its dependencies, unless that is loaded already. */
export function requireWithout(specifier: string, unused: string): unknown {
  if (nodeModule === undefined || nodeRequire === undefined) throw new Error(`${specifier} needs Node`);
  const { cache } = nodeRequire;
  const path = nodeModule.createRequire(nodeRequire.resolve(specifier)).resolve(unused);
  if (cache[path] !== undefined) return nodeRequire(specifier);
  cache[path] = { id: path, filename: path, loaded: true, exports: {}, children: [], paths: [] };
  try {
    return nodeRequire(specifier);
  } finally {
    // oxlint-disable-next-line typescript/no-dynamic-delete -- the cache of Node is an object
    delete cache[path];
  }
}
