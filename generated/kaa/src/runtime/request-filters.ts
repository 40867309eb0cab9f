import type { AnyTopic, TopicShape } from "./topic.js";

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
  const shapes = topics.map(({ shape }) => shape);
  const whole = commonFilter(shapes, parameters);
  if (!whole.startsWith("+")) return [whole];
  const extensions = new Set(shapes.map(({ extension }) => extension));
  const filters = [...extensions].map((key) =>
    commonFilter(
      shapes.filter(({ extension }) => extension === key),
      parameters,
    ),
  );
  // A client without subscriptions that overlap needs no second look at what it gets.
  return filters.includes(whole) ? [whole] : [...new Set(filters)];
}

/** The narrowest filter, without wildcards inside its words, for all topics of these shapes, with or without an id. */
function commonFilter(shapes: readonly TopicShape[], parameters: Readonly<Record<string, string>>): string {
  const all = shapes.map(({ levels }) => levels);
  const required = Math.min(...all.map((levels) => levels.filter(({ optional }) => !optional).length));
  const common = Array.from({ length: required }, (_, index) => {
    const words = new Set(
      all.map((levels) => {
        const level = levels[index];
        if (level?.kind === "literal") return level.text;
        return level?.kind === "parameter" ? (parameters[level.text] ?? "+") : "+";
      }),
    );
    const [word = "+"] = words;
    return words.size === 1 ? word : "+";
  });
  return [...common, ...(all.some((levels) => levels.length > required) ? ["#"] : [])].join("/");
}
