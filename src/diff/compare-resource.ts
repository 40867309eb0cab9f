import type { ExtensionModel, Operations, ParameterModel, ResourceModel } from "../model/index.js";
import { compareMessages, comparePayloads } from "./compare-messages.js";
import { compareParameters, holesOf } from "./compare-topics.js";
import { isEqualJson, type Comparison, type Pair, type Position } from "./comparison.js";

/** Compares a resource that both versions have. */
export function compareResource(
  comparison: Comparison,
  pair: Pair<ResourceModel>,
  extensions: Pair<ExtensionModel>,
): void {
  const { older, newer } = pair;
  const at: Position = { subject: newer.id, range: newer.range };
  if (older.key !== newer.key) comparison.add("resource-renamed", at, `was called ${older.key}`);
  compareDeprecation(comparison, at, pair);
  compareOperations(comparison, at, pair);
  const prose = ({ summary, description, source }: ResourceModel) => [summary, description, source];
  if (!isEqualJson(prose(older), prose(newer)))
    comparison.add("documentation-changed", at, "documentation changed");
  if (older.from !== newer.from) {
    // What the one side sends now is not what it received before.
    comparison.add(
      "direction-changed",
      at,
      newer.from === "client" ? "devices start now" : "platform starts now",
    );
    return;
  }
  const isSameTopic = compareMessages(comparison, at, pair, extensions);
  compareParameters(comparison, at, parameterPairs(pair, isSameTopic));
  compareRequestIdRule(comparison, at, pair);
  comparePayloads(comparison, at, pair);
  comparePushes(comparison, at, pair);
  compareAnsweredBy(comparison, at, pair);
  compareDelivery(comparison, at, pair);
  if (older.on !== newer.on)
    comparison.add("holder-changed", at, `its methods are on the ${newer.on} now, not on the ${older.on}`);
}

function compareDeprecation(
  comparison: Comparison,
  at: Position,
  { older, newer }: Pair<ResourceModel>,
): void {
  const [before, now] = [older.deprecated, newer.deprecated];
  if (before === undefined && now !== undefined)
    comparison.add("resource-deprecated", at, now === "" ? "is deprecated now" : `is deprecated now: ${now}`);
  else if (before !== undefined && now === undefined)
    comparison.add("resource-undeprecated", at, "is no longer deprecated");
  else if (before !== now)
    comparison.add("documentation-changed", at, `reason of its deprecation changed: ${now}`);
}

/** Pairs parameters by name, by former name, or by their position in equal topics. */
function parameterPairs(
  { older, newer }: Pair<ResourceModel>,
  isSameTopic: boolean,
): readonly Pair<ParameterModel>[] {
  const [holes, names] = [holesOf(older.messages.request.topic), holesOf(newer.messages.request.topic)];
  const isAligned = isSameTopic && holes.length === names.length;
  return newer.parameters.flatMap((parameter): readonly Pair<ParameterModel>[] => {
    const position = isAligned ? names.indexOf(parameter.name) : -1;
    const former = [parameter.name, parameter.renamedFrom, holes[position]].flatMap(
      (name) => older.parameters.find((one) => one.name === name) ?? [],
    )[0];
    return former === undefined ? [] : [{ older: former, newer: parameter }];
  });
}

const ID_FORMS: Readonly<Record<ResourceModel["requestId"], readonly string[]>> = {
  required: ["with"],
  optional: ["with", "without"],
  single: ["without"],
  none: ["without"],
};

function compareRequestIdRule(
  comparison: Comparison,
  at: Position,
  { older, newer }: Pair<ResourceModel>,
): void {
  const [before, now] = [ID_FORMS[older.requestId], ID_FORMS[newer.requestId]];
  const lost = before.find((form) => !now.includes(form));
  const gained = now.find((form) => !before.includes(form));
  // What old platforms send and new devices refuse breaks platforms, as what new devices send and old platforms refuse.
  const [narrowed, widened] =
    newer.from === "client"
      ? (["request-id-rule-narrowed", "request-id-rule-widened"] as const)
      : (["request-id-rule-widened", "request-id-rule-narrowed"] as const);
  if (lost !== undefined) comparison.add(narrowed, at, `requests ${lost} a request id are no longer allowed`);
  if (gained !== undefined) comparison.add(widened, at, `requests ${gained} a request id are allowed now`);
}

const METHODS: Readonly<Record<keyof Operations, string>> = {
  call: "the call",
  send: "send()",
  observe: "observe()",
  handle: "handle()",
  event: "observe()",
  served: "handle()",
};

function compareOperations(
  comparison: Comparison,
  at: Position,
  { older, newer }: Pair<ResourceModel>,
): void {
  const methodsOf = (operations: Operations) =>
    new Set(
      Object.entries(METHODS).flatMap(([name, method]) =>
        Object.entries(operations).some(([other, has]) => other === name && has === true) ? [method] : [],
      ),
    );
  const now = methodsOf(newer.operations);
  for (const method of methodsOf(older.operations))
    if (!now.has(method)) comparison.add("operation-removed", at, `${method} of its client was removed`);
}

function comparePushes(comparison: Comparison, at: Position, { older, newer }: Pair<ResourceModel>): void {
  const [before, now] = [older.push, newer.push];
  if (before === undefined && now !== undefined) comparison.add("push-added", at, "platform pushes now");
  else if (before !== undefined && now === undefined)
    comparison.add("push-removed", at, "platform does not push any more");
  else if (!isEqualJson(before, now))
    comparison.add(
      "push-switch-changed",
      at,
      `pushes are switched by ${JSON.stringify(now)} instead of ${JSON.stringify(before)}`,
    );
}

function compareAnsweredBy(
  comparison: Comparison,
  at: Position,
  { older, newer }: Pair<ResourceModel>,
): void {
  const [before, now] = [older.answeredBy, newer.answeredBy];
  if (before === undefined && now === undefined) return;
  if (before === undefined)
    comparison.add("answered-by-added", at, `devices respond to items through ${now?.resource} now`);
  else if (now === undefined)
    comparison.add(
      "answered-by-removed",
      at,
      `devices do not respond to items through ${before.resource} any more`,
    );
  else if (before.resource !== now.resource || before.key !== now.key)
    comparison.add(
      "answered-by-changed",
      at,
      `devices respond through ${now.resource} by ${now.key} instead of ${before.resource} by ${before.key}`,
    );
  else if (!isEqualJson(before.failure, now.failure))
    comparison.add("answered-by-failure-changed", at, "response to an item whose handler failed changed");
}

function compareDelivery(comparison: Comparison, at: Position, { older, newer }: Pair<ResourceModel>): void {
  if (older.qos !== newer.qos)
    comparison.add(
      newer.qos < older.qos ? "qos-lowered" : "qos-raised",
      at,
      `quality of service is ${newer.qos} instead of ${older.qos}`,
    );
  if (older.retain !== newer.retain)
    comparison.add("retain-changed", at, `messages are ${retained(newer)} now, and were ${retained(older)}`);
  if (older.idempotent !== newer.idempotent)
    comparison.add(
      newer.idempotent ? "idempotent-added" : "idempotent-removed",
      at,
      newer.idempotent
        ? "requests may be sent again after a lost connection now"
        : "requests are not sent again after a lost connection any more",
    );
}

function retained({ retain }: ResourceModel): string {
  if (retain === undefined) return "never retained";
  return retain === true ? "always retained" : "retained if the sender says so";
}
