import { below } from "../json/pointer.js";
import { valueAt } from "../spec/location.js";
import { resolveBodies } from "./bodies.js";
import { resolvePath, checkRequestId } from "./paths.js";
import { checkAnsweredByKey, findCarrier, resolveAnsweredBy, resolvePush } from "./pushes.js";
import type { ResourceInput, ResourceScope } from "./resource-input.js";
import { isClassic, bracedNames } from "./resource-topics.js";

/**
 * Checks what is valid of a resource whose structure is invalid elsewhere, so that one run reports all its mistakes.
 * `has` is whether the values of these keys are present and valid.
 */
export function checkPartialResource(
  scope: ResourceScope,
  input: ResourceInput,
  has: (...keys: readonly string[]) => boolean,
): void {
  const { context } = scope;
  const { path } = input.spec;
  for (const name of bracedNames(input.spec)) scope.protocol.used.add(name);
  if (isClassic(scope, input)) {
    // Without its parameters, every placeholder of the path would be reported.
    if (path !== undefined && has("path") && (has("parameters") || !/[{}]/.test(path)))
      resolvePath(scope, { ...input, path });
    if (has("requestId", "response")) checkRequestId(scope, input);
  }
  resolveBodies(context, input);
  if (has("push", "request")) resolvePush(context, input);
  if (has("answeredBy", "path", "response")) {
    resolveAnsweredBy(context, input);
    return;
  }
  checkAnsweredByKey(context, input);
  // The name can be read where `answeredBy` is invalid beside it.
  const carrier = valueAt(below(input.at, "answeredBy", "resource"));
  if (typeof carrier === "string") findCarrier(context, input, carrier);
}
