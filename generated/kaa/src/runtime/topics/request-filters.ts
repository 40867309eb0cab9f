import { formsOf } from "./parser.js";
import { filtersOverlap } from "./topic-filter.js";
import type { AnyTopic, TopicLevel, TopicTemplate } from "./topic.js";

/**
 * As few topic filters as take in every request: one for the whole API where all its topics begin with the same word
 * (so that requests for extensions that are not there arrive as well, and can be answered), else one an extension.
 *
 * @param parameters Values of protocol parameters to serve; the others become `+`.
 */
export function requestFilters(
  topics: readonly AnyTopic[],
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  const templates = topics.map(({ template }) => template);
  const whole = commonFilter(templates, parameters);
  if (!whole.startsWith("+")) return [whole];
  const extensions = new Set(templates.map(({ extension }) => extension));
  const filters = [...extensions].map((key) =>
    commonFilter(
      templates.filter(({ extension }) => extension === key),
      parameters,
    ),
  );
  // A client without subscriptions that overlap needs no second look at what it gets.
  return filters.includes(whole) ? [whole] : [...new Set(filters)];
}

/**
 * The filters of these requests and, save for a request whose last level is a parameter, of nothing else: neither answers nor
 * requests for other resources. No two of them overlap.
 */
export function exactFilters(
  topics: readonly AnyTopic[],
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  const apart: string[] = [];
  const add = (filter: string): void => {
    const index = apart.findIndex((other) => filtersOverlap(other, filter));
    if (index === -1) apart.push(filter);
    // What takes in both may overlap with further ones.
    else add(union(filter, ...apart.splice(index, 1)));
  };
  for (const { template } of topics) {
    for (const levels of formsOf(template)) add(levels.map((level) => word(level, parameters)).join("/"));
  }
  return apart;
}

/** The narrowest filter for what these match, which have as many levels each. */
function union(...filters: readonly string[]): string {
  const [first = [], ...others] = filters.map((filter) => filter.split("/"));
  return first
    .map((level, index) => (others.every((other) => other[index] === level) ? level : "+"))
    .join("/");
}

/** What a filter has in the place of a level. */
function word(level: TopicLevel | undefined, parameters: Readonly<Record<string, string>>): string {
  if (level?.kind === "literal") return level.text;
  return level?.kind === "parameter" ? (parameters[level.text] ?? "+") : "+";
}

/** The narrowest filter, without wildcards inside its words, for all topics of these templates, with or without an id. */
function commonFilter(
  templates: readonly TopicTemplate[],
  parameters: Readonly<Record<string, string>>,
): string {
  const all = templates.map(({ levels }) => levels);
  const required = Math.min(...all.map((levels) => levels.filter(({ optional }) => !optional).length));
  const common = Array.from({ length: required }, (_, index) => {
    const words = new Set(all.map((levels) => word(levels[index], parameters)));
    const [first = "+"] = words;
    return words.size === 1 ? first : "+";
  });
  return [...common, ...(all.some((levels) => levels.length > required) ? ["#"] : [])].join("/");
}
