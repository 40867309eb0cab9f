/**
 * The conditions under which `topicsmith diff` fails. `breaking`: a change breaks a program that counts. `unannounced`: so, and it
 * is not the removal of something deprecated. `risky`: a change breaks or may affect one. `any`: there is a change. `version`:
 * `api.version` is lower than the changes need.
 */
export const FAIL_CONDITIONS = ["breaking", "unannounced", "risky", "any", "version", "never"] as const;

/** A condition of {@link FAIL_CONDITIONS}. */
export type FailCondition = (typeof FAIL_CONDITIONS)[number];
