import { didYouMean } from "../diagnostics/index.js";
import { MAX_TIMER_MS } from "../runtime/internal/timers.js";
import type { Resource } from "../runtime/api/resource.js";
import { variantsOf } from "../runtime/topics/grammar.js";
import { filterOf, filtersOverlap } from "../runtime/topics/topic-filter.js";
import { type ParsedTopic, suffixOf, type TopicValues } from "../runtime/topics/topic.js";
import { randomFrom } from "./random.js";

/** What can go wrong on purpose. */
export const faultKinds = [
  /** No answer. */
  "drop",
  /** The answer comes later. */
  "delay",
  /** The answer comes more than once. */
  "duplicate",
  /** An error answer; nobody sees the request. */
  "error",
  /** An answer that can not be read. */
  "malformed",
  /** The answer comes on the topic of another request id. */
  "wrong-id",
  /** The connection breaks in the place of the answer. */
  "disconnect",
  /** SUBACK says no to a filter for the resource's answers. */
  "refuse-subscribe",
] as const;

/** One of {@link faultKinds}. */
export type FaultKind = (typeof faultKinds)[number];

/** A fault on purpose: what it strikes, how often, and what it does. */
export interface Fault {
  readonly kind: FaultKind;
  /** `epmx.get`, or `epmx.*`, as the spec spells them. Default: every resource. */
  readonly resource?: string | undefined;
  /** Only requests whose topics have these values. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** How many it strikes. Default: 1; with a `probability`: all that it hits. */
  readonly count?: number | undefined;
  /** How many it lets pass first. Default: 0. */
  readonly skip?: number | undefined;
  /** From 0 to 1. Default: 1. */
  readonly probability?: number | undefined;
  /** What the chance begins with: the same seed strikes the same requests. Default: 1. */
  readonly seed?: number | undefined;
  /** `drop` and `disconnect`: whether the request is lost (nobody sees it) or, the default, its answer. */
  readonly part?: "request" | "answer" | undefined;
  /** `delay`: milliseconds. Default: 1,000. */
  readonly delayMs?: number | undefined;
  /** `duplicate`: how many answers there are. Default: 2. */
  readonly copies?: number | undefined;
  /** `error`: what is answered. Default: the spec's reply `failed`. */
  readonly payload?: unknown;
  /** `malformed`: what is answered. Default: `{`. */
  readonly body?: string | Uint8Array | undefined;
  /** `wrong-id`: the id that the answer has. Default: the one after the request's. */
  readonly requestId?: number | undefined;
}

/** A fault that may strike. */
export interface ArmedFault {
  readonly fault: Fault;
  /** How often it has struck. */
  readonly hits: number;
  /** It strikes no more. */
  cancel(): void;
}

/** The faults of a mock. */
export interface Faults {
  /**
   * Arms a fault. The first armed one that fits strikes a request, and no other does. What it does to an answer it does where
   * that comes from inside this process: the mock's own platform, or one on `mock.transport()`.
   *
   * @throws TypeError if it is none: an unknown kind or resource, a count below 1.
   */
  next(fault: Fault): ArmedFault;
  /** Those that may still strike, in the order of their arming. */
  readonly armed: readonly ArmedFault[];
  /** Disarms all of them. */
  clear(): void;
}

/** A request, and whether somebody will answer it if all goes well. */
export interface Struck extends ParsedTopic {
  readonly answered: boolean;
}

interface Armed extends ArmedFault {
  hits: number;
  passed: number;
  readonly random: () => number;
}

/** Decides which fault strikes what. */
export class FaultPlan implements Faults {
  readonly #resources: readonly Resource[];
  #armed: Armed[] = [];

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
  }

  get armed(): readonly ArmedFault[] {
    return this.#armed;
  }

  next(fault: Fault): ArmedFault {
    const problem = problemOfFault(
      fault,
      this.#resources.map(({ template }) => template.name),
    );
    if (problem !== undefined) throw new TypeError(`not a fault: ${problem.text}`);
    this.#checkParameters(fault);
    const armed: Armed = {
      fault,
      hits: 0,
      passed: 0,
      random: randomFrom(fault.seed ?? 1),
      cancel: () => void (this.#armed = this.#armed.filter((other) => other !== armed)),
    };
    this.#armed = [...this.#armed, armed];
    return armed;
  }

  clear(): void {
    this.#armed = [];
  }

  /** What no topic of the resource can have would never be struck, and nobody would know. */
  #checkParameters({ resource, parameters = {} }: Fault): void {
    const levels = this.#resources
      .filter(({ template }) => fits(resource, template.name))
      .flatMap(({ template }) => template.levels.filter(({ kind }) => kind === "parameter"));
    const names = Array.from(new Set(levels.map(({ text }) => text)));
    for (const [name, value] of Object.entries(parameters)) {
      const problems = levels.filter(({ text }) => text === name).map((level) => level.problem(value));
      const [problem] = problems;
      const meant = didYouMean(name, names);
      if (problems.length === 0)
        throw new TypeError(
          `not a fault: parameters: ${name} is not known${meant === undefined ? "" : `; did you mean ${meant}?`}`,
        );
      if (!problems.includes(undefined)) throw new TypeError(`not a fault: parameters: ${name} ${problem}`);
    }
  }

  /** The fault that strikes a request, if one does. */
  strikes({ template, parameters, answered }: Struck): Fault | undefined {
    return this.#take(
      ({ kind, resource, parameters: wanted = {}, part }) =>
        kind !== "refuse-subscribe" &&
        (answered || kind === "error" || kind === "drop" || kind === "disconnect" || part === "request") &&
        fits(resource, template.name) &&
        Object.entries(wanted).every(([name, value]) => parameters[name] === value),
    );
  }

  /** Whether a fault refuses a filter. */
  refuses(filter: string): boolean {
    const struck = this.#take(
      ({ kind, resource, parameters = {} }) =>
        kind === "refuse-subscribe" &&
        this.#resources.some(
          (one) =>
            fits(resource, one.template.name) &&
            canHave(one, parameters) &&
            responseFilters(one, parameters).some((answers) => filtersOverlap(answers, filter)),
        ),
    );
    return struck !== undefined;
  }

  #take(concerned: (fault: Fault) => boolean): Fault | undefined {
    for (const armed of this.#armed) {
      const { fault, random } = armed;
      if (!concerned(fault)) continue;
      armed.passed += 1;
      if (armed.passed <= (fault.skip ?? 0)) continue;
      if (fault.probability !== undefined && random() >= fault.probability) continue;
      armed.hits += 1;
      if (armed.hits >= (fault.count ?? (fault.probability === undefined ? 1 : Infinity))) armed.cancel();
      return fault;
    }
    return undefined;
  }
}

function fits(wanted: string | undefined, name: string): boolean {
  if (wanted === undefined || wanted === "*") return true;
  return wanted.endsWith(".*") ? name.startsWith(wanted.slice(0, -1)) : wanted === name;
}

/** Whether topics of a resource can have these values, where they have such parameters. */
function canHave({ template }: Resource, parameters: TopicValues): boolean {
  return template.levels.every(({ kind, text, problem }) => {
    const value = parameters[text];
    return kind !== "parameter" || value === undefined || problem(value) === undefined;
  });
}

/** Filters for all response topics of a resource. */
function responseFilters(
  { template }: Resource,
  values: Readonly<Record<string, string>>,
): readonly string[] {
  return variantsOf(template.levels).flatMap((levels) =>
    (["success", "error"] as const).map(
      (kind) => filterOf(levels, values) + suffixOf(template.protocol, kind),
    ),
  );
}

/** What is wrong with a fault, and at which member; `undefined` if nothing is. */
export function problemOfFault(
  fault: object,
  names: readonly string[],
): { readonly member: string; readonly text: string } | undefined {
  for (const [member, value] of Object.entries(fault) as [string, unknown][]) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, member) ? checks[member as keyof Fault] : undefined;
    if (!check) {
      const meant = didYouMean(member, Object.keys(checks));
      return {
        member,
        text: `${member} is not known${meant === undefined ? "" : `; did you mean ${meant}?`}`,
      };
    }
    const text = check(value, names);
    if (text !== undefined) return { member, text: `${member} ${text}` };
  }
  return "kind" in fault
    ? undefined
    : { member: "kind", text: `kind is missing: one of ${faultKinds.join(", ")}` };
}

type Check = (value: unknown, names: readonly string[]) => string | undefined;

const whole =
  (minimum: number): Check =>
  (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= minimum
      ? undefined
      : `must be a whole number, ${minimum} or more`;

const oneOf =
  (words: readonly string[]): Check =>
  (value) => {
    if (typeof value === "string" && words.includes(value)) return undefined;
    const meant = typeof value === "string" ? didYouMean(value, words) : undefined;
    return `must be one of ${words.join(", ")}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  };

const checks: Readonly<Record<keyof Fault, Check>> = {
  kind: oneOf(faultKinds),
  resource(value, names) {
    if (typeof value === "string" && names.some((name) => fits(value, name))) return undefined;
    const meant = typeof value === "string" ? didYouMean(value, names) : undefined;
    return `must be a resource of the spec, as in ${names[0] ?? "extension.resource"}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  },
  parameters: (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((each) => typeof each === "string")
      ? undefined
      : "must be texts by the names of topic parameters",
  count: whole(1),
  skip: whole(0),
  probability: (value) =>
    typeof value === "number" && value >= 0 && value <= 1 ? undefined : "must be a number from 0 to 1",
  seed: whole(0),
  part: oneOf(["request", "answer"]),
  delayMs: (value) =>
    typeof value === "number" && value >= 0 && value <= MAX_TIMER_MS
      ? undefined
      : "must be milliseconds, 0 or more",
  copies: whole(1),
  payload: () => undefined,
  body: (value) =>
    typeof value === "string" || value instanceof Uint8Array ? undefined : "must be a text or a Uint8Array",
  requestId: whole(0),
};
