/** Names that every generated package exports from its main entry; a test holds this list against a real package. */
export const PACKAGE_EXPORTS: readonly string[] = [];

/** Entries of every generated package beside those of its extensions. */
export const SUBPATHS: ReadonlySet<string> = new Set(["core", "platform", "package.json"]);
