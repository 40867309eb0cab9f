/** The arguments of `topicsmith generate`. */
export interface GenerateArguments {
  /** Absent if a configuration file names the specs. */
  readonly spec?: string;
  readonly out?: string;
  readonly config?: string;
  readonly allow?: readonly string[];
  readonly strict?: boolean;
}

/** A command that generates, to be copied into a shell. */
export function generateCommand({ spec, out, config, allow = [], strict }: GenerateArguments): string {
  const words = [
    "npx topicsmith generate",
    ...(spec === undefined ? [] : [quoted(spec)]),
    ...(out === undefined ? [] : ["--out", quoted(out)]),
    ...(config === undefined ? [] : ["--config", quoted(config)]),
    ...allow.flatMap((folder) => ["--allow", quoted(folder)]),
    ...(strict === true ? ["--strict"] : []),
  ];
  return words.join(" ");
}

/** A word for a shell: in single quotes if it contains anything that a shell would read. */
function quoted(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
