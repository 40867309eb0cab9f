import { RESERVED_PARAMETERS } from "../../model/reserved-names.js";

/** An address as a topic template. */
export interface Topic {
  readonly template: string;
  /** The names in the template, and those in the address that they stand for. */
  readonly names: ReadonlyMap<string, string>;
  /** The levels of the address that have several parameters, by the name that they have become. */
  readonly composed: ReadonlyMap<string, string>;
  /** Changes that a person should look at. */
  readonly changes: readonly string[];
}

/** Makes a topic template from an address: wildcards and names that a template cannot have are replaced. */
export function topicOf(address: string): Topic {
  const names = new Map<string, string>();
  const composed = new Map<string, string>();
  const changes: string[] = [];
  const levels = address
    .split("/")
    .map((level, index) => levelOf(level, { index, names, composed, changes }));
  return { template: levels.join("/"), names, composed, changes };
}

interface LevelContext {
  readonly index: number;
  readonly names: Map<string, string>;
  readonly composed: Map<string, string>;
  readonly changes: string[];
}

function levelOf(level: string, { index, names, composed, changes }: LevelContext): string {
  if (level === "+" || level === "#") {
    const name = level === "+" ? `level${index + 1}` : "rest";
    names.set(name, name);
    const what = level === "#" ? " It now stands for exactly one level." : "";
    changes.push(`the address has the wildcard ${level} where {${name}} is.${what}`);
    return `{${name}}`;
  }
  const holes = [...level.matchAll(/\{([^{}]*)\}/g)];
  if (holes.length > 1) {
    const name = nameFor(holes.map(([, text]) => text).join(" "));
    names.set(name, name);
    composed.set(name, level);
    changes.push(
      `the level ${level} of the address has several parameters; it is the one parameter {${name}} now.`,
    );
    return `{${name}}`;
  }
  return level.replace(/\{([^{}]*)\}/g, (_, text: string) => {
    const name = nameFor(text);
    names.set(name, text);
    return `{${name}}`;
  });
}

/** A name that a parameter can have. */
export function nameFor(text: string): string {
  // The name of the id itself is predefined; whether this is the id is decided later.
  if (text === "requestId") return "request_id";
  const [first = "", ...rest] = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .split(/[^A-Za-z0-9_]+/)
    .filter(Boolean);
  const joined = first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const name = /^[A-Za-z_]/.test(joined) ? joined : `value${joined}`;
  return RESERVED_PARAMETERS.has(name) || ["body", "now", "toString", "constructor"].includes(name)
    ? `${name}Value`
    : name;
}

/** The names in a topic template. */
export function namesIn(template: string): readonly string[] {
  return Array.from(template.matchAll(/\{([^{}]*)\}/g), ([, name = ""]) => name);
}

/** Whether a name is probably that of the id that matches a response to its request. */
export function isIdName(name: string): boolean {
  return (
    /^(?:(?:request|req|correlation|corr|message|msg|transaction|trans|txn|call|client)[_-]?(?:id|token|identifier)?|rid|tid|mid)$/i.test(
      name,
    ) && !/^(?:message|request|req|call|client|msg)$/i.test(name)
  );
}
