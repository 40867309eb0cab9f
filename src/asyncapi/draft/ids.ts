import { property } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import { contentTypeOf, propertiesOf } from "./bodies.js";
import { traited } from "./messages.js";
import { isIdName, namesIn } from "./topics.js";

/** The form in which a response names its request. */
export type IdRule =
  | { readonly kind: "topic"; readonly name: string; readonly isInteger: boolean }
  | {
      readonly kind: "body";
      readonly request: string;
      readonly response: string;
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
      reason: `the document matches responses by ${location}, and messages have no headers before MQTT 5`,
    };
  const isJson = [...request, ...response].every(
    (message) => contentTypeOf(reader, message) === "application/json",
  );
  if (!isJson || request.length === 0 || response.length === 0)
    return { kind: "single", reason: "no id is in the topics or the payloads" };
  if (location !== undefined) {
    const name = propertyIn(location);
    const other = propertyIn((asked === undefined ? asked : answered) ?? location);
    if (name === undefined || other === undefined)
      return { kind: "single", reason: `the id at ${location} is not a property of the payload itself` };
    const [first, second] = asked === undefined ? [other, name] : [name, other];
    return {
      kind: "body",
      request: first,
      response: second,
      isInteger: isInteger(reader, request[0], first),
      isGuess: false,
    };
  }
  const inBoth = [...propertiesOf(reader, request[0]).keys()].find(
    (name) => isIdName(name) && propertiesOf(reader, response[0]).has(name),
  );
  if (inBoth === undefined) return { kind: "single", reason: "no id is in the topics or the payloads" };
  return {
    kind: "body",
    request: inBoth,
    response: inBoth,
    isInteger: isInteger(reader, request[0], inBoth),
    isGuess: true,
  };
}

function locationOf(reader: DocumentReader, message: Found | undefined): string | undefined {
  const location = traited(reader, message, "correlationId", "location")?.value;
  return typeof location === "string" ? location : undefined;
}

/** The property that a runtime expression names, if it is a property of the payload itself. */
function propertyIn(location: string): string | undefined {
  return /^\$message\.payload#\/([^/~]+)$/.exec(location)?.[1];
}

function isInteger(reader: DocumentReader, message: Found | undefined, name: string): boolean {
  const type = property(propertiesOf(reader, message).get(name)?.value, "type");
  return type === "integer" || type === "number";
}
