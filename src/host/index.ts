import { nodeRequire, requireWith } from "./node-require.js";

const provided = new Map<string, unknown>();

/** Sets the modules that {@link load} returns in a browser, by the specifier that it is called with. */
export function provide(modules: Readonly<Record<string, unknown>>): void {
  for (const [specifier, module] of Object.entries(modules)) provided.set(specifier, module);
}

/**
 * Loads a CommonJS or JSON module when it is needed. In Node, `import` would be asynchronous, would search CommonJS for
 * export names, which takes half as long as running it, and would print a warning for JSON.
 *
 * @param specifier A package's module, or a path relative to this file.
 * @throws Error if the module does not exist, or is not provided in a browser.
 */
export function load(specifier: string): unknown {
  const known = provided.get(specifier);
  if (known !== undefined) return known;
  if (nodeRequire === undefined) throw new Error(`${specifier} is not available in a browser`);
  return nodeRequire(specifier);
}

/**
 * Loads a module of Node with stand-ins for dependencies that take long to load and that the caller's use of it does not
 * need. Others get the complete module.
 *
 * @param standIns By the specifier with which the module could require them.
 * @throws Error if the module does not exist.
 */
export function loadWith(specifier: string, standIns: Readonly<Record<string, unknown>>): unknown {
  return requireWith(specifier, standIns);
}
