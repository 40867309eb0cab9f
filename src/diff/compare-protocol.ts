import type { ParameterModel, ProtocolModel, RequestIdModel } from "../model/index.js";
import { isEqualJson, match, type Comparison, type Pair, type Position } from "./comparison.js";
import { compareBody } from "./compare-body.js";
import { compareParameters, formsLostAndGained, holesOf, quoted } from "./compare-topics.js";

const AT: Position = { subject: "protocol" };

/** Compares what all resources share. */
export function compareProtocols(comparison: Comparison): void {
  const { older, newer } = comparison;
  const pair = { older: older.protocol, newer: newer.protocol };
  if (older.protocol.mqtt !== newer.protocol.mqtt)
    comparison.add(
      "mqtt-version-changed",
      AT,
      `default MQTT version changed from ${older.protocol.mqtt} to ${newer.protocol.mqtt}`,
    );
  compareTopics(comparison, pair);
  const names = compareBindings(comparison, pair);
  compareRequestIds(
    comparison,
    AT,
    { older: older.protocol.requestId, newer: newer.protocol.requestId },
    names,
  );
  compareBody(comparison, AT, {
    word: "error payload",
    from: "platform",
    older: older.protocol.errorPayload,
    newer: newer.protocol.errorPayload,
  });
  if (!isEqualJson(older.protocol.replies, newer.protocol.replies))
    comparison.add("replies-changed", AT, "error responses of the runtime itself changed (replies)");
}

function compareTopics(comparison: Comparison, { older, newer }: Pair<ProtocolModel>): void {
  const templates = { older: older.template ?? "", newer: newer.template ?? "" };
  // Without a template of the protocol, each resource has its own, and they are compared.
  const { lost, gained } = formsLostAndGained(templates);
  if (older.template !== undefined && newer.template !== undefined && (lost || gained))
    comparison.add(
      "topic-template-changed",
      AT,
      `topic changed from ${quoted(templates.older)} to ${quoted(templates.newer)}`,
    );
  for (const key of ["success", "error"] as const) {
    const [before, now] = [older[key], newer[key]];
    if (before !== undefined && now !== undefined && before !== now)
      comparison.add(
        "response-topic-changed",
        AT,
        `${key} topic changed from ${topicOf(before)} to ${topicOf(now)}`,
      );
  }
}

function topicOf(suffix: string): string {
  return quoted(`{request}${suffix}`);
}

function parametersOf({ clientParameters, endpointParameters }: ProtocolModel): readonly ParameterModel[] {
  return [...clientParameters, ...endpointParameters];
}

/** Compares parameters of the same name, former name, or position in equal templates. Returns the new names by the old ones. */
function compareBindings(
  comparison: Comparison,
  { older, newer }: Pair<ProtocolModel>,
): ReadonlyMap<string, string> {
  const before = parametersOf(older);
  const matched = match(before, parametersOf(newer), ({ name }) => name);
  const [holes, names] = [holesOf(older.template ?? ""), holesOf(newer.template ?? "")];
  const byPosition = matched.added.flatMap((parameter): readonly Pair<ParameterModel>[] => {
    const former = matched.removed.find(({ name }) => name === holes[names.indexOf(parameter.name)]);
    return former && holes.length === names.length ? [{ older: former, newer: parameter }] : [];
  });
  const pairs = [...matched.pairs, ...byPosition];
  compareParameters(comparison, AT, pairs);
  for (const pair of pairs) {
    const wasClient = older.clientParameters.includes(pair.older);
    const isClient = newer.clientParameters.includes(pair.newer);
    if (wasClient !== isClient)
      comparison.add(
        "parameter-bind-changed",
        AT,
        `parameter {${pair.newer.name}} is bound to the ${isClient ? "client" : "endpoint"} now`,
      );
  }
  return new Map(pairs.map((pair) => [pair.older.name, pair.newer.name]));
}

/** Compares the rules of request ids. Ids that were added or removed change the topics or the bodies, which are compared elsewhere. */
export function compareRequestIds(
  comparison: Comparison,
  at: Position,
  { older, newer }: Pair<RequestIdModel | undefined>,
  names: ReadonlyMap<string, string> = new Map(),
): void {
  if (older === undefined || newer === undefined) return;
  const uniquePer = older.uniquePer.map((name) => names.get(name) ?? name);
  compareScopes(comparison, at, { older: uniquePer, newer: newer.uniquePer });
  if ("type" in older && "type" in newer) {
    compareLengths(comparison, at, { older: older.maxLength, newer: newer.maxLength });
  } else if ("type" in older || "type" in newer) {
    comparison.add(
      "request-id-type-changed",
      at,
      "type" in newer
        ? "request ids are texts instead of numbers"
        : "request ids are numbers instead of texts",
    );
  } else compareRanges(comparison, at, { older, newer });
}

function compareLengths(comparison: Comparison, at: Position, { older, newer }: Pair<number>): void {
  if (older === newer) return;
  comparison.add(
    newer < older ? "request-id-range-narrowed" : "request-id-range-widened",
    at,
    `request ids have at most ${newer} bytes instead of ${older}`,
  );
}

type Ranges = Exclude<RequestIdModel, { readonly type: "string" }>;

function compareRanges(
  comparison: Comparison,
  at: Position,
  { older: before, newer: now }: Pair<Ranges>,
): void {
  const refusedNow = outside(before.send, now.accept);
  const refusedBefore = outside(now.send, before.accept);
  const accepted = `accepted request ids are ${rangeOf(now.accept)} instead of ${rangeOf(before.accept)}`;
  if (refusedNow !== undefined)
    comparison.add("request-id-range-narrowed", at, `request id ${refusedNow} is no longer accepted`, {
      value: refusedNow,
      acceptedBy: "old",
      reason: `ids are ${rangeOf(now.accept)}`,
    });
  else if (outside(before.accept, now.accept) !== undefined)
    comparison.add("request-id-accept-narrowed", at, accepted);
  if (refusedBefore !== undefined)
    comparison.add("request-id-range-widened", at, `clients send request id ${refusedBefore} now`, {
      value: refusedBefore,
      acceptedBy: "new",
      reason: `ids are ${rangeOf(before.accept)}`,
    });
  else if (outside(now.accept, before.accept) !== undefined)
    comparison.add("request-id-accept-widened", at, accepted);
  if (refusedNow === undefined && refusedBefore === undefined && !isEqualJson(before.send, now.send))
    comparison.add(
      "request-id-range-changed",
      at,
      `clients send request ids ${rangeOf(now.send)} instead of ${rangeOf(before.send)}`,
    );
}

function compareScopes(
  comparison: Comparison,
  at: Position,
  { older: before, newer: now }: Pair<readonly string[]>,
): void {
  const text = `request ids are unique per ${now.join(", ") || "API"} instead of ${before.join(", ") || "API"}`;
  // Fewer names make a larger scope.
  if (before.some((name) => !now.includes(name))) comparison.add("request-id-scope-extended", at, text);
  else if (now.some((name) => !before.includes(name))) comparison.add("request-id-scope-reduced", at, text);
}

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** An id of the first range that the second one does not contain. */
function outside(range: Range, other: Range): number | undefined {
  if (range.minimum < other.minimum) return range.minimum;
  return range.maximum > other.maximum ? range.maximum : undefined;
}

function rangeOf({ minimum, maximum }: Range): string {
  return `${minimum} to ${maximum}`;
}
