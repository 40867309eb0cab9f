/** Replaces `node-require.ts` in bundles for browsers. */
export const nodeRequire: ((specifier: string) => unknown) | undefined = undefined;
