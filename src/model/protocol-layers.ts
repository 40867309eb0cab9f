import { below } from "../json/pointer.js";
import type { Location, MessageSpec, PayloadSpec, ProtocolSpec, RequestIdSpec } from "../spec/document.js";

/** A value of the spec, and its place. */
export interface Placed<T> {
  readonly value: T;
  readonly at: Location;
}

/** A message as the protocol describes it: each part from the innermost layer that has it. */
export interface MessageLayer {
  readonly topic?: Placed<string>;
  /** A body template; null for the bare payload. */
  readonly wrap?: Placed<unknown>;
  readonly subscribe?: Placed<string>;
}

/** A protocol with that of an extension laid over it. */
export interface ProtocolLayer {
  readonly topic?: Placed<string>;
  readonly wrap?: Placed<unknown>;
  readonly success?: MessageLayer;
  readonly error?: MessageLayer;
  readonly requestId?: Placed<RequestIdSpec>;
  readonly errorPayload?: Placed<NonNullable<ProtocolSpec["errorPayload"]>>;
  readonly qos: 0 | 1 | 2;
  /** The extension has request ids of its own. */
  readonly hasOwnIds: boolean;
}

/** The layer of the root file's protocol. */
export function rootLayer(spec: ProtocolSpec | undefined, at: Location): ProtocolLayer {
  return overlay({ qos: 1, hasOwnIds: false }, spec, at);
}

/** Lays the protocol of an extension over another, member by member. */
export function overlay(outer: ProtocolLayer, spec: ProtocolSpec | undefined, at: Location): ProtocolLayer {
  if (spec === undefined) return outer;
  const { topic, wrap, requestId, errorPayload, qos } = spec;
  const success = laidOver(outer.success, spec.success, below(at, "success"));
  const error = laidOver(outer.error, spec.error, below(at, "error"));
  return {
    ...outer,
    ...(topic !== undefined && { topic: { value: topic, at: below(at, "topic") } }),
    ...(wrap !== undefined && { wrap: { value: wrap, at: below(at, "wrap") } }),
    ...(success !== undefined && { success }),
    ...(error !== undefined && { error }),
    ...(requestId !== undefined && {
      requestId: { value: requestId, at: below(at, "requestId") },
      hasOwnIds: true,
    }),
    ...(errorPayload !== undefined && {
      errorPayload: { value: errorPayload, at: below(at, "errorPayload") },
    }),
    qos: qos ?? outer.qos,
  };
}

/** A message with another laid over it, which a text stands for if it has only a topic. */
export function laidOver(
  outer: MessageLayer | undefined,
  spec: string | MessageSpec | undefined,
  at: Location,
): MessageLayer | undefined {
  if (spec === undefined) return outer;
  if (typeof spec === "string") return { ...outer, topic: { value: spec, at } };
  const { topic, wrap, subscribe } = spec;
  return {
    ...outer,
    ...(topic !== undefined && { topic: { value: topic, at: below(at, "topic") } }),
    ...(wrap !== undefined && { wrap: { value: wrap, at: below(at, "wrap") } }),
    ...(subscribe !== undefined && { subscribe: { value: subscribe, at: below(at, "subscribe") } }),
  };
}

/** Whether a payload of the spec has a key that only messages have. */
export function isMessage(spec: PayloadSpec | string | undefined): boolean {
  return (
    typeof spec === "object" &&
    (spec.topic !== undefined || spec.wrap !== undefined || spec.subscribe !== undefined)
  );
}
