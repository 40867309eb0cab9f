/** Texts for users: error messages of validators, and the spec's templates with `{message}`. */
import type { ValidationError } from "./descriptor.js";

/** Formats validation errors, one per line, each with the JSON pointer to the invalid part of the value. */
export function formatErrors(errors: readonly ValidationError[] | null | undefined): string {
  return (errors ?? [])
    .map(({ instancePath, keyword, message, params }) => {
      const detail = params["additionalProperty"] ?? params["allowedValues"] ?? params["allowedValue"];
      return `${instancePath || "(the whole value)"} ${message ?? `fails ${keyword}`}${detail === undefined ? "" : `: ${JSON.stringify(detail)}`}`;
    })
    .join("\n");
}

/** Replaces `{message}` in every string of a JSON value. */
export function fillMessage(template: unknown, message: string): unknown {
  // A function, because a replacement string may contain patterns such as `$&`.
  if (typeof template === "string") return template.replaceAll("{message}", () => message);
  if (Array.isArray(template)) return template.map((item) => fillMessage(item, message));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, fillMessage(value, message)]),
  );
}
