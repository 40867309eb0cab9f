/** The forms in which `validate` can print findings. */
export const FORMATS = ["text", "json", "github"] as const;

/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];
