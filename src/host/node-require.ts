/**
 * `require` of Node; undefined in a browser. Bundlers for browsers take `no-require.ts` instead, by the key `browser` of
 * package.json, because some of them warn of `import.meta`.
 */
export const nodeRequire: ((specifier: string) => unknown) | undefined = globalThis.process
  // Not imported: a bundler for browsers could not resolve a module of Node.
  ?.getBuiltinModule?.("node:module")
  .createRequire(import.meta.url);
