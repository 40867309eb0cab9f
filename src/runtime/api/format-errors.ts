import type { ValidationError } from "./descriptor.js";

/** One readable line for each problem of a value, with the JSON pointer to where it is. */
export function formatErrors(errors: readonly ValidationError[] | null | undefined): string {
  return (errors ?? [])
    .map(({ instancePath, keyword, message, params }) => {
      const detail = params["additionalProperty"] ?? params["allowedValues"] ?? params["allowedValue"];
      return `${instancePath || "(the whole value)"} ${message ?? `fails ${keyword}`}${detail === undefined ? "" : `: ${JSON.stringify(detail)}`}`;
    })
    .join("\n");
}
