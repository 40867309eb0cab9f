import type { Extension, Resource } from "../api/resource.js";
import type { TopicValues } from "../topics/topic.js";
import type { QoS } from "../transport/transport.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** One push, before it is checked. */
export interface Push {
  readonly resource: Resource;
  /** Everything that the topic needs, the endpoint's own parameters included. */
  readonly values: TopicValues;
  readonly payload: unknown;
  readonly qos: QoS | undefined;
  /** A connection. */
  readonly to: unknown;
}

/**
 * What `platform.endpoint(…)` gives: `push` for each resource that has it, by the names that code uses. The required
 * parameters of its path lead, then comes the payload, then the options, of which optional levels are members.
 */
export function endpointPushes(
  extensions: readonly Extension[],
  bound: TopicValues,
  send: (push: Push) => Promise<void>,
): Readonly<Record<string, unknown>> {
  const pushOf = (resource: Resource): unknown => {
    const path = resource.template.levels.filter(
      (level) => level.kind === "parameter" && !Object.hasOwn(bound, level.text),
    );
    const required = path.filter(({ optional }) => !optional);
    // Not async alone: a value that is missing must not throw before there is a promise to reject.
    return async (...given: readonly unknown[]) => {
      const [payload, options] = given.slice(required.length);
      const levels = path.map(({ text, optional }): [string, unknown] => [
        text,
        optional ? member(options, text) : given[required.findIndex((level) => level.text === text)],
      ]);
      const values = { ...bound, ...Object.fromEntries(levels) };
      const [qos, to] = [member(options, "qos"), member(options, "to")];
      await send({ resource, values, payload, qos: uncheckedCast(qos), to });
    };
  };
  return record(
    extensions.map(({ name, resources }) => {
      const pushing = Object.entries(resources).filter(([, { push }]) => push !== undefined);
      return [name, record(pushing.map(([key, resource]) => [key, { push: pushOf(resource) }]))];
    }),
  );
}

/** Without a prototype, so that a resource may be called `constructor` and none is there that was not declared. */
function record(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) result[key] = value;
  return result;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
