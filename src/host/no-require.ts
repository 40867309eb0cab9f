/** Replaces `node-require.ts` in bundles for browsers. */
export const nodeRequire: ((specifier: string) => unknown) | undefined = undefined;

/** Refuses: there is no `require` in a browser. */
export function requireWith(specifier: string): never {
  throw new Error(`${specifier} needs Node`);
}
