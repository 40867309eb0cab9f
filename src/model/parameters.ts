import type { ParameterSpec } from "../spec/document.js";
import { below } from "../json/pointer.js";
import type { Location } from "../spec/document.js";
import type { ParameterModel } from "./api-model.js";
import type { Context } from "./context.js";
import { levelProblem } from "../runtime/topics/grammar.js";

/** Names that mean something else in topics, in options of calls, or in JavaScript objects. */
const RESERVED_PARAMETERS: ReadonlySet<string> = new Set([
  "requestId",
  "extension",
  "resource",
  "request",
  "timeoutMs",
  "signal",
  "qos",
  "buffer",
  "overflow",
  "stopPushesOnEnd",
  "concurrency",
  "onError",
  // Other parameters of generated calls.
  "options",
  "handler",
  "payload",
  "target",
  // Options of `connect`, beside which a client's parameters stand.
  "extensions",
  "connectTimeoutMs",
  "closeTimeoutMs",
  "maxQueued",
  "idQuarantineMs",
  "subscriptionKeepMs",
  "maxSubscriptions",
  "maxDepth",
  "responses",
  "subscribe",
  "middleware",
  "mqtt",
  "clientId",
  "credentials",
  "backoff",
  "mqttOptions",
  "__proto__",
]);

/** Decides one declared parameter; `location` is its entry. */
export function resolveParameter(
  context: Context,
  { name, spec, optional }: { name: string; spec: ParameterSpec; optional: boolean },
  location: Location,
): ParameterModel {
  if (RESERVED_PARAMETERS.has(name)) context.report("reserved-parameter", { name }, location, "key");
  const { pattern } = spec;
  const example = spec.example === undefined ? undefined : String(spec.example);
  if (example !== undefined) {
    const problem = levelProblem(example, { pattern });
    if (problem !== undefined) {
      context.report("invalid-parameter-example", { name, example, problem }, below(location, "example"));
    }
  }
  return {
    name,
    ...(spec.description !== undefined && { description: spec.description }),
    ...(pattern !== undefined && { pattern }),
    ...(example !== undefined && { example }),
    secret: spec.secret === true,
    optional,
  };
}
