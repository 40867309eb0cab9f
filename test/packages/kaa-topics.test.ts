import * as fc from "fast-check";
import * as kaa from "kaa-device-client";
import { describe, expect, it } from "vitest";

/** The part of a topic that these tests use. */
type Builder = (values: Readonly<Record<string, unknown>>) => string;
type AnyTopic = Builder & { readonly success: Builder; readonly error: Builder };

const topics = Object.entries(kaa)
  .filter(([name]) => name.endsWith("Topic") && name !== "parseTopic")
  .map(([name, topic]) => [name, topic as unknown as AnyTopic] as const);

/** The path parameters of each resource that has any; the last one may be left out in configurations. */
const PATHS: Readonly<Record<string, { readonly required?: string; readonly optional?: string }>> = {
  dcxPlainTopic: { required: "metricName" },
  cexCommandTopic: { required: "commandType" },
  cexResultTopic: { required: "commandType" },
  cmxConfigTopic: { optional: "configName" },
  cmxAppliedTopic: { optional: "configName" },
};

const level = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .filter((text) => !/[/+#\0]|\p{Surrogate}/u.test(text));
const word = fc
  .stringMatching(/^[A-Za-z_-][A-Za-z0-9_-]{0,6}$/)
  .filter((text) => !["status", "error"].includes(text));
const id = fc.integer({ min: 0, max: 2_147_483_647 });

function valuesOf(name: string): fc.Arbitrary<Record<string, unknown>> {
  const { required, optional } = PATHS[name] ?? {};
  const path = (key: string | undefined) =>
    key === undefined ? fc.constant({}) : word.map((text) => ({ [key]: text }));
  const maybe = (values: fc.Arbitrary<object>) => fc.oneof(fc.constant({}), values);
  return fc
    .tuple(
      fc.record({ appVersion: level, endpointToken: level }),
      path(required),
      maybe(path(optional)),
      maybe(id.map((requestId) => ({ requestId }))),
    )
    .map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
}

describe("topics of the Kaa client", () => {
  it("cover all 14 resources", () => {
    expect(topics).toHaveLength(14);
  });

  it.each(topics)(
    "%s: parseTopic returns the values that the builder got, for requests, successes and errors",
    (name, topic) => {
      fc.assert(
        fc.property(valuesOf(name), fc.constantFrom("request", "success", "error"), (values, kind) => {
          const build = kind === "request" ? topic : topic[kind];
          const text = build(values);
          const { requestId, ...parameters } = values;
          const parsed = kaa.parseTopic(text);
          expect(parsed).toEqual({
            extension: parsed?.extension,
            resource: parsed?.resource,
            kind,
            parameters,
            ...(requestId !== undefined && { requestId }),
          });
          // The names of the wire and of the resource make the name of the builder.
          const joined = `${parsed?.extension.replace("_o", "O")}${parsed?.resource.replace(/^./, (first) => first.toUpperCase())}Topic`;
          expect(joined).toBe(name);
          expect(build({ ...parsed?.parameters, ...(requestId !== undefined && { requestId }) })).toBe(text);
        }),
      );
    },
  );

  it.each(topics)("%s rejects every invalid value and names its parameter", (name, topic) => {
    const legal = { appVersion: "a", endpointToken: "t", metricName: "m", commandType: "c" };
    const illegal = ["", "a/b", "+", "#", "a\0b", "\uD800", undefined, null, 7, {}];
    for (const parameter of ["appVersion", "endpointToken", PATHS[name]?.required].filter(
      (text) => text !== undefined,
    )) {
      for (const value of illegal) {
        expect(() => topic({ ...legal, [parameter]: value })).toThrow(
          expect.objectContaining({
            code: "invalid-topic",
            message: expect.stringContaining(parameter) as string,
          }),
        );
      }
    }
    for (const requestId of [-1, 1.5, 2_147_483_648, Number.NaN, "7", null]) {
      expect(() => topic({ ...legal, requestId })).toThrow(
        expect.objectContaining({ code: "invalid-topic" }),
      );
    }
    const { required, optional } = PATHS[name] ?? {};
    for (const value of ["42", "007", "status", "error"]) {
      if (required ?? optional) {
        expect(() => topic({ ...legal, [required ?? optional ?? ""]: value })).toThrow(
          expect.objectContaining({ code: "invalid-topic" }),
        );
      }
    }
  });

  it("parseTopic throws for no string", () => {
    const near = fc
      .array(fc.constantFrom("kp1", "dcx", "cmx", "json", "config", "status", "error", "7", "007", "", "x"), {
        maxLength: 9,
      })
      .map((levels) => levels.join("/"));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), near), (text) => {
        const parsed = kaa.parseTopic(text);
        expect(parsed === undefined || parsed.kind.length > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("parseTopic reads a number at the end as a request id, also for resources without ids", () => {
    expect(kaa.parseTopic("kp1/a/dcx/t/plain/altitude/7/status")).toEqual({
      extension: "dcx",
      resource: "plain",
      kind: "success",
      parameters: { appVersion: "a", endpointToken: "t", metricName: "altitude" },
      requestId: 7,
    });
    expect(kaa.parseTopic("kp1/a/cmx/t/config/json/42")).toMatchObject({ requestId: 42 });
    expect(kaa.parseTopic("kp1/a/cmx/t/config/json/042")).toBeUndefined();
    expect(kaa.parseTopic("kp1/a/cmx/t/config/json/2147483648")).toBeUndefined();
  });
});
