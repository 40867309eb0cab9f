/** The folder of topicsmith's own package.json. The modules of `src/host` and `dist/host` are equally deep, and bundles are, too. */
export const PACKAGE_ROOT = new URL("../../", import.meta.url);
