import type { BodyModel, MessageKind, ResourceModel } from "../model/index.js";
import { compareBody } from "./compare-body.js";
import { isEqualJson, type Comparison, type Pair, type Position } from "./comparison.js";
import { formsLostAndGained, pathOf, quoted } from "./compare-topics.js";
import type { ExtensionModel } from "../model/index.js";
import type { RuleCode } from "./rules/index.js";

/** Compares the topics and the templates of the bodies of a resource's messages. Returns whether the request topic has the same forms. */
export function compareMessages(
  comparison: Comparison,
  at: Position,
  resources: Pair<ResourceModel>,
  extensions: Pair<ExtensionModel>,
): boolean {
  const isSame = compareRequestTopic(comparison, at, resources, extensions);
  for (const kind of ["request", "success", "error"] as const) {
    const [older, newer] = [resources.older.messages[kind], resources.newer.messages[kind]];
    // A message that only one version has is reported with its payload.
    if (older === undefined || newer === undefined) continue;
    const word = NAMES[kind];
    if (kind !== "request" && !isSuffix(resources))
      compareResponseTopic(comparison, at, word, { older: older.written, newer: newer.written });
    if (!isEqualJson(older.wrap, newer.wrap))
      comparison.add(
        "envelope-changed",
        at,
        `${word} is wrapped in ${templateText(newer.wrap)} instead of ${templateText(older.wrap)}`,
      );
    if (older.subscribe !== newer.subscribe)
      comparison.add(
        "subscription-changed",
        at,
        `${word} is subscribed to by ${filterText(newer.subscribe)} instead of ${filterText(older.subscribe)}`,
      );
  }
  return isSame;
}

const NAMES: Readonly<Record<MessageKind, string>> = {
  request: "request",
  success: "response",
  error: "error response",
};

/** Whether responses of both versions have the request's topic and a suffix of the protocol, which is compared there. */
function isSuffix({ older, newer }: Pair<ResourceModel>): boolean {
  return older.form === "suffixes" && newer.form === "suffixes";
}

function templateText(wrap: unknown): string {
  return wrap === undefined ? "nothing" : JSON.stringify(wrap);
}

function filterText(filter: string | undefined): string {
  return filter === undefined ? "the filter of its topic" : quoted(filter);
}

function compareRequestTopic(
  comparison: Comparison,
  at: Position,
  { older, newer }: Pair<ResourceModel>,
  extensions: Pair<ExtensionModel>,
): boolean {
  const paths = {
    older: pathOf(comparison.older, extensions.older, older),
    newer: pathOf(comparison.newer, extensions.newer, newer),
  };
  const { lost, gained } = formsLostAndGained(paths);
  if (!lost && !gained) return true;
  const isSent = newer.from === "client";
  const rule = lost && gained ? "topic-changed" : lost === isSent ? "topic-narrowed" : "topic-widened";
  comparison.add(rule, at, `topic changed from ${quoted(paths.older)} to ${quoted(paths.newer)}`);
  return false;
}

function compareResponseTopic(
  comparison: Comparison,
  at: Position,
  word: string,
  topics: Pair<string>,
): void {
  const { lost, gained } = formsLostAndGained(topics);
  if (lost || gained)
    comparison.add(
      "response-topic-changed",
      at,
      `topic of the ${word} changed from ${quoted(topics.older)} to ${quoted(topics.newer)}`,
    );
}

type Payload = BodyModel | "empty" | undefined;

/** Compares the payloads of a resource, by the side that sends them. */
export function comparePayloads(
  comparison: Comparison,
  at: Position,
  { older, newer }: Pair<ResourceModel>,
): void {
  const isDevices = newer.from === "client";
  const isEvent = !isDevices && newer.response === undefined;
  comparePayload(comparison, at, {
    word: isEvent ? "message" : "request",
    from: isDevices ? "device" : "platform",
    older: older.request,
    newer: newer.request,
  });
  compareResponse(comparison, at, { older, newer });
  compareErrors(comparison, at, { older, newer });
}

interface PayloadPair extends Pair<Payload> {
  readonly word: string;
  readonly from: "device" | "platform";
}

function comparePayload(
  comparison: Comparison,
  at: Position,
  { word, from, older, newer }: PayloadPair,
): void {
  if (typeof older === "object" && typeof newer === "object") {
    compareBody(comparison, at, { word, from, older, newer });
  } else if (typeof newer === "object") {
    const rule = RULES_OF_BODIES[from][newer.optional ? "optionalAdded" : "added"];
    comparison.add(rule, at, newer.optional ? `${word} may have a body now` : `${word} has a body now`);
  } else if (typeof older === "object") {
    const rule = RULES_OF_BODIES[from][older.optional ? "optionalRemoved" : "removed"];
    comparison.add(rule, at, `${word} has no body any more`);
  }
}

type BodyChange = "added" | "optionalAdded" | "removed" | "optionalRemoved";

const RULES_OF_BODIES: Readonly<Record<"device" | "platform", Readonly<Record<BodyChange, RuleCode>>>> = {
  device: {
    added: "request-body-added",
    optionalAdded: "optional-request-body-added",
    removed: "request-body-removed",
    optionalRemoved: "optional-request-body-removed",
  },
  platform: {
    added: "response-body-added",
    optionalAdded: "optional-response-body-added",
    removed: "response-body-removed",
    optionalRemoved: "optional-response-body-removed",
  },
};

function compareResponse(comparison: Comparison, at: Position, { older, newer }: Pair<ResourceModel>): void {
  const [before, now] = [older.response, newer.response];
  const isDevices = newer.from === "client";
  if ((before === undefined) !== (now === undefined)) {
    const [added, removed] = isDevices
      ? (["response-added", "response-removed"] as const)
      : (["device-response-added", "device-response-removed"] as const);
    const sender = isDevices ? "platform responds" : "devices respond";
    comparison.add(
      before === undefined ? added : removed,
      at,
      before === undefined ? `${sender} now` : `${sender} no longer`,
    );
    return;
  }
  comparePayload(comparison, at, {
    word: "response",
    from: isDevices ? "platform" : "device",
    older: before,
    newer: now,
  });
  // Pushes imply it, and are compared by themselves.
  const isAlike = (older.push === undefined) === (newer.push === undefined);
  if (isAlike && older.withoutRequestId !== newer.withoutRequestId)
    comparison.add(
      newer.withoutRequestId ? "response-without-id-added" : "response-without-id-removed",
      at,
      newer.withoutRequestId
        ? "requests without a request id get a response now"
        : "requests without a request id get no response any more",
    );
}

/** Compares the error payloads of a resource, if one is not the protocol's. */
function compareErrors(comparison: Comparison, at: Position, { older, newer }: Pair<ResourceModel>): void {
  if (older.error === undefined && newer.error === undefined) return;
  compareBody(comparison, at, {
    word: "error payload",
    from: newer.from === "client" ? "platform" : "device",
    older: older.error ?? comparison.older.protocol.errorPayload,
    newer: newer.error ?? comparison.newer.protocol.errorPayload,
  });
}
