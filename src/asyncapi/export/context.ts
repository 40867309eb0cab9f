import { isObject, type JsonObject } from "../../json/json.js";
import { formatPointer } from "../../json/pointer.js";
import type { ApiModel } from "../../model/index.js";
import type { SpecDocument } from "../../spec/document.js";
import { Keys } from "../keys.js";
import type { ExportedSchemas } from "./schemas.js";

/** The side of an API that a document describes: `send` and `receive` are seen from there. */
export type Side = "device" | "platform";

/** The parts of an AsyncAPI document that resources are added to. */
export class Draft {
  readonly channels: JsonObject = {};
  readonly operations: JsonObject = {};
  readonly messages: JsonObject = {};
  readonly parameters: JsonObject = {};
  /** The keys of tags, by the keys of extensions. */
  readonly tagKeys: ReadonlyMap<string, string>;
  /** References to the parameters of resources' paths, by the descriptor of the resource and the name. */
  readonly resourceParameters = new Map<string, JsonObject>();
  readonly channelKeys = new Keys();
  readonly operationKeys = new Keys();
  readonly messageKeys = new Keys();
  readonly parameterKeys = new Keys();

  constructor(extensions: readonly string[]) {
    const keys = new Keys();
    // The root's own resources have an empty key, and no tag.
    this.tagKeys = new Map(extensions.filter((key) => key !== "").map((key) => [key, keys.unique(key)]));
  }
}

/** The inputs and the unfinished output of an export. */
export interface ExportContext {
  readonly document: SpecDocument;
  readonly model: ApiModel;
  readonly side: Side;
  readonly schemas: ExportedSchemas;
  readonly draft: Draft;
  /** References to the parameters of the protocol, by name. */
  readonly protocolParameters: ReadonlyMap<string, JsonObject>;
  /** Reference to the message for errors of resources that have no error payload of their own. */
  readonly errorMessage: JsonObject;
}

/** The action of a message that the device sends, or of one that it receives. */
export function actionOf(side: Side, sender: Side): "send" | "receive" {
  return side === sender ? "send" : "receive";
}

/** A reference object. */
export function ref(pointer: string): JsonObject {
  return { $ref: pointer };
}

/** The reference to a tag. */
export function tagReference(key: string): JsonObject {
  return ref(`#${formatPointer(["components", "tags", key])}`);
}

/** The key of the security scheme for a secret parameter. */
export function securityKey(parameter: string): string {
  return parameter.replaceAll("$", "_");
}

/** The reference to a security scheme. */
export function securityReference(key: string): JsonObject {
  return ref(`#${formatPointer(["components", "securitySchemes", key])}`);
}

/** A copy without some keys, without undefined values and without keys that begin with `x-`. */
export function omit(value: object | undefined, keys: readonly string[]): JsonObject {
  const entries = Object.entries(value ?? {}).filter(
    ([key, item]) => !keys.includes(key) && item !== undefined && !key.startsWith("x-"),
  );
  return Object.fromEntries(entries);
}

/** The properties that are neither undefined nor empty objects or lists. */
export function compact(value: JsonObject): JsonObject {
  const entries = Object.entries(value).filter(([, item]) => {
    if (Array.isArray(item)) return item.length > 0;
    return isObject(item) ? Object.keys(item).length > 0 : item !== undefined;
  });
  return Object.fromEntries(entries);
}
