import { variantsOf } from "./grammar.js";
import { filterMatches, filterOf, filtersOverlap, widenFilters } from "./topic-filter.js";
import type { AnyTopic, TopicTemplate } from "./topic.js";

/**
 * As few topic filters as match every request: one for the whole API if all its topics start with the same level, else one for each
 * extension. They match requests of unknown resources too, so that the platform can reject them.
 *
 * @param parameters Values of protocol parameters to serve; the others become `+`.
 */
export function requestFilters(
  topics: readonly AnyTopic[],
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  if (topics.length === 0) return [];
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
  // Overlapping subscriptions may deliver a message twice, so let the filter of all replace those that it includes.
  return filters.includes(whole) ? [whole] : [...new Set(filters)];
}

/**
 * Filters that match these requests but neither responses nor requests of other resources, except where a request ends in a
 * parameter. No two of them overlap.
 */
export function exactFilters(
  topics: readonly AnyTopic[],
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  const disjoint: string[] = [];
  const add = (filter: string): void => {
    const index = disjoint.findIndex((other) => filtersOverlap(other, filter));
    if (index === -1) disjoint.push(filter);
    // The wider filter may overlap with others, so add it again.
    else add(disjoint.splice(index, 1).reduce((one, other) => widenFilters(one, other), filter));
  };
  for (const { template } of topics) {
    for (const levels of variantsOf(template.levels)) add(filterOf(levels, parameters));
  }
  return disjoint;
}

/**
 * Adds the filters of requests with topics of their own to others. Filters that the spec gives stay as they are. A computed one that
 * another filter includes is left out, because overlapping subscriptions may deliver a message twice.
 */
export function withMessageFilters(
  others: readonly string[],
  resources: readonly (AnyTopic & { readonly subscribe?: { readonly request?: string } | undefined })[],
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  const pinned = new Set<string>();
  const computed = new Set(others);
  for (const { template, subscribe } of resources) {
    if (subscribe?.request !== undefined)
      pinned.add(subscribe.request.replace(/\{([^}]*)\}/g, (_, name: string) => parameters[name] ?? "+"));
    else for (const filter of template.messages?.request.filters(parameters) ?? []) computed.add(filter);
  }
  const all = [...pinned, ...computed];
  return all.filter(
    (filter) =>
      pinned.has(filter) ||
      filter.endsWith("#") ||
      !all.some((other) => other !== filter && filterMatches(other, filter)),
  );
}

/** The narrowest filter for all topics of these templates, with or without optional levels. */
function commonFilter(
  templates: readonly TopicTemplate[],
  parameters: Readonly<Record<string, string>>,
): string {
  const lengths = templates.map(({ levels }) => levels.filter(({ optional }) => !optional).length);
  const length = Math.min(...lengths);
  const filters = templates.map(({ levels }) => filterOf(levels.slice(0, length), parameters));
  const longer = templates.some(({ levels }) => levels.length > length);
  return filters.reduce((one, other) => widenFilters(one, other)) + (longer ? "/#" : "");
}
