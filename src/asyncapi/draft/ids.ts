import { property } from "../../json/json.js";
import { parsePointer } from "../../json/pointer.js";
import type { DocumentReader, Found } from "../import/reader.js";
import { contentTypeOf, propertiesOf } from "./bodies.js";
import { propertiesIn, type FrameProperty } from "./cut.js";
import { traited } from "./messages.js";
import { isIdName, namesIn } from "./topics.js";

/** The form in which a response names its request. */
export type IdRule =
  | { readonly kind: "topic"; readonly name: string; readonly isInteger: boolean }
  | {
      readonly kind: "body";
      readonly request: FrameProperty;
      readonly response: FrameProperty;
      readonly isInteger: boolean;
      /** The document does not say so. */
      readonly isGuess: boolean;
    }
  | { readonly kind: "single"; readonly reason: string };

/** A request and its response, as far as ids are in them. */
export interface Exchange {
  readonly requestTopic: string;
  readonly responseTopic: string;
  readonly request: readonly Found[];
  readonly response: readonly Found[];
}

/** Finds the id that matches responses to requests: where the document says it is, or by its name. */
export function idRuleOf(reader: DocumentReader, exchange: Exchange): IdRule {
  const { request, response } = exchange;
  const shared = namesIn(exchange.requestTopic).filter((name) =>
    namesIn(exchange.responseTopic).includes(name),
  );
  const inTopic = shared.find(isIdName);
  if (inTopic !== undefined) return { kind: "topic", name: inTopic, isInteger: false };
  const [asked, answered] = [locationOf(reader, request[0]), locationOf(reader, response[0])];
  const location = asked ?? answered;
  if (location?.startsWith("$message.header") === true)
    return {
      kind: "single",
      reason: `the document matches responses by ${location}, and a spec has no headers`,
    };
  const isJson = [...request, ...response].every(
    (message) => contentTypeOf(reader, message) === "application/json",
  );
  if (!isJson || request.length === 0 || response.length === 0)
    return { kind: "single", reason: "no id is in the topics or the payloads" };
  if (location !== undefined) {
    const first = placeOf(reader, request, asked ?? location);
    const second = placeOf(reader, response, answered ?? location);
    if (first === undefined || second === undefined)
      return {
        kind: "single",
        reason: `the id at ${location} is beside other properties of an inner object`,
      };
    return bodyRule(first, second, false);
  }
  const inBoth = [...propertiesOf(reader, request[0]).keys()].find(
    (name) => isIdName(name) && propertiesOf(reader, response[0]).has(name),
  );
  const [first, second] = [request, response].map((messages) => placeIn(reader, messages, [inBoth ?? ""]));
  if (first === undefined || second === undefined)
    return { kind: "single", reason: "no id is in the topics or the payloads" };
  return bodyRule(first, second, true);
}

function bodyRule(request: IdPlace, response: IdPlace, isGuess: boolean): IdRule {
  return {
    kind: "body",
    request: request.frame,
    response: response.frame,
    isInteger: request.isInteger,
    isGuess,
  };
}

/** The place of an id in a payload. */
interface IdPlace {
  readonly frame: FrameProperty;
  readonly isInteger: boolean;
}

/** The place that a runtime expression names: a property, or the only property of an object in one. */
function placeOf(reader: DocumentReader, messages: readonly Found[], location: string): IdPlace | undefined {
  const pointer = /^\$message\.payload#(\/.+)$/.exec(location)?.[1];
  const steps = pointer === undefined ? undefined : parsePointer(pointer);
  return steps && placeIn(reader, messages, steps);
}

function placeIn(
  reader: DocumentReader,
  messages: readonly Found[],
  steps: readonly string[],
): IdPlace | undefined {
  const [name, inner, ...more] = steps;
  if (name === undefined || name === "" || more.length > 0) return undefined;
  const outer = messages.map((message) => propertiesOf(reader, message).get(name));
  if (inner === undefined) return { frame: { name, value: ID }, isInteger: isInteger(outer[0]) };
  const alone = outer.map((found) => {
    const properties = found === undefined ? [] : propertiesIn(reader, found);
    return properties.length === 1 && properties[0]?.[0] === inner ? properties[0][1] : undefined;
  });
  if (alone.includes(undefined)) return undefined;
  return { frame: { name, value: { [inner]: ID } }, isInteger: isInteger(alone[0]) };
}

const ID = "{requestId}";

function isInteger(schema: Found | undefined): boolean {
  const type = property(schema?.value, "type");
  return type === "integer" || type === "number";
}

function locationOf(reader: DocumentReader, message: Found | undefined): string | undefined {
  const location = traited(reader, message, "correlationId", "location")?.value;
  return typeof location === "string" ? location : undefined;
}
