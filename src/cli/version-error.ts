/** A version of an API that cannot be read. The message has the reason and the remedy. */
export class VersionError extends Error {}
