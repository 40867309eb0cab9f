import type { Resource } from "../runtime/api/resource.js";
import { parametersOf } from "../runtime/client/message-parameters.js";
import type { ActiveFault, Fault, Faults } from "../runtime/testing/fault.js";
import { variantsOf } from "../runtime/topics/grammar.js";
import { filterOf, filtersOverlap } from "../runtime/topics/topic-filter.js";
import { type ParsedTopic, suffixOf, type TopicValues } from "../runtime/topics/topic.js";
import { checkFault, matchesResource, suggestion } from "./check-fault.js";

/** A request that a fault may be injected into. */
export interface FaultTarget extends ParsedTopic {
  /** Whether the platform responds to the request. It does not respond to a send. */
  readonly expectsResponse: boolean;
}

interface Activation extends ActiveFault {
  triggered: number;
  /** Number of matching requests, including those that were skipped. */
  matched: number;
  readonly random: () => number;
}

/** Decides which faults are injected. */
export class FaultPlan implements Faults {
  #resources: readonly Resource[];
  #active: Activation[] = [];

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  next(fault: Fault): ActiveFault {
    const names = this.#resources.map(({ template }) => template.name);
    const problem = checkFault(fault, names)?.text ?? this.#checkParameters(fault);
    if (problem !== undefined) throw new TypeError(`invalid fault: ${problem}`);
    const activation: Activation = {
      fault,
      triggered: 0,
      matched: 0,
      random: randomFrom(fault.seed ?? 1),
      cancel: () => void (this.#active = this.#active.filter((other) => other !== activation)),
    };
    this.#active = [...this.#active, activation];
    return activation;
  }

  clear(): void {
    this.#active = [];
  }

  /** Uses the resources of a changed API. With `faults`, replaces all faults; otherwise cancels those of unknown resources. */
  update(resources: readonly Resource[], faults?: readonly Fault[]): void {
    this.#resources = resources;
    const names = resources.map(({ template }) => template.name);
    if (!faults) this.#active = this.#active.filter(({ fault }) => checkFault(fault, names) === undefined);
    else {
      this.clear();
      for (const fault of faults) this.next(fault);
    }
  }

  /** Returns the fault to inject into a request, and counts it. */
  shouldInject({ template, parameters, expectsResponse }: FaultTarget): Fault | undefined {
    return this.#trigger(
      ({ kind, resource, parameters: wanted = {}, part }) =>
        kind !== "refuse-subscribe" &&
        (expectsResponse ||
          kind === "error" ||
          kind === "drop" ||
          kind === "disconnect" ||
          part === "request") &&
        matchesResource(resource, template.name) &&
        Object.entries(wanted).every(([name, value]) => parameters[name] === value),
    );
  }

  /** Whether a fault refuses a topic filter. Counts the fault. */
  shouldRefuse(filter: string): boolean {
    const fault = this.#trigger(
      ({ kind, resource: wanted, parameters = {} }) =>
        kind === "refuse-subscribe" &&
        this.#resources.some(
          (resource) =>
            matchesResource(wanted, resource.template.name) &&
            allowsValues(resource, parameters) &&
            responseFilters(resource, parameters).some((responses) => filtersOverlap(responses, filter)),
        ),
    );
    return fault !== undefined;
  }

  /** A value that no topic can have would never match a request, and the test's author would not learn why. */
  #checkParameters({ resource, parameters = {} }: Fault): string | undefined {
    const levels = this.#resources
      .filter(({ template }) => matchesResource(resource, template.name))
      .flatMap(parametersOf);
    for (const [name, value] of Object.entries(parameters)) {
      const problems = levels.filter(({ text }) => text === name).map((level) => level.problem(value));
      const [problem] = problems;
      const names = Array.from(new Set(levels.map(({ text }) => text)));
      if (problems.length === 0) return `parameters: unknown parameter ${name}${suggestion(name, names)}`;
      if (!problems.includes(undefined)) return `parameters: ${name} ${problem}`;
    }
    return undefined;
  }

  #trigger(matches: (fault: Fault) => boolean): Fault | undefined {
    for (const activation of this.#active) {
      const { fault, random } = activation;
      if (!matches(fault)) continue;
      activation.matched += 1;
      if (activation.matched <= (fault.skip ?? 0)) continue;
      if (fault.probability !== undefined && random() >= fault.probability) continue;
      activation.triggered += 1;
      const limit = fault.count ?? (fault.probability === undefined ? 1 : Infinity);
      if (activation.triggered >= limit) activation.cancel();
      return fault;
    }
    return undefined;
  }
}

/** Pseudo-random numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whether the topics of a resource can have these values. Ignores parameters that its topics do not have. */
function allowsValues({ template }: Resource, parameters: TopicValues): boolean {
  return template.levels.every(({ kind, text, problem }) => {
    const value = parameters[text];
    return kind !== "parameter" || value === undefined || problem(value) === undefined;
  });
}

/** Topic filters that match all responses of a resource. */
function responseFilters(
  { template }: Resource,
  values: Readonly<Record<string, string | number>>,
): readonly string[] {
  if (template.messages)
    return [template.messages.success, template.messages.error].flatMap(
      (message) => message?.filters(values) ?? [],
    );
  // Only topics of messages have parameters that are numbers.
  const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  return variantsOf(template.levels).flatMap((levels) =>
    (["success", "error"] as const).map(
      (kind) => filterOf(levels, texts) + suffixOf(template.protocol, kind),
    ),
  );
}
