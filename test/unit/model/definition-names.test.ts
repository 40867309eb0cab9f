import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadApi } from "../../../src/load-api.js";
import { render } from "../../../src/generate.js";
import { writeSources } from "../../support/scenarios.js";
import { chargingFamily, specOf, writeFamily, type Family } from "../../support/families.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-names-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** The names of all definitions of a family, by the file and the pointer of their schemas. */
async function namesIn(family: Family): Promise<Readonly<Record<string, string>>> {
  const { model, diagnostics } = await loadApi(writeFamily(join(folder, String(count++)), family));
  expect(diagnostics).toEqual([]);
  const names = (model?.definitions ?? []).map(({ uri, typeName }) => [
    decodeURIComponent(uri).replace("spec:/", ""),
    typeName,
  ]);
  return Object.fromEntries(names) as Record<string, string>;
}

const schema = (text: object): string => JSON.stringify(text);
const message = (definitions: object, more: object = {}): string => {
  const properties = Object.fromEntries(
    Object.keys(definitions).map((key) => [key, { $ref: `#/definitions/${key}` }]),
  );
  return schema({ type: "object", properties, definitions, ...more });
};
const LEVEL = { type: "object", properties: { level: { type: "number" } } };
const OTHER_LEVEL = { type: "object", properties: { level: { type: "string" } } };

describe("names of definitions", () => {
  it("are shared by definitions with one key and equal text, whatever the order of their keywords", async () => {
    const turned = { properties: LEVEL.properties, $comment: "the same", type: "object" };
    const names = await namesIn({
      "api.yaml": specOf({ "a.one": "./one.json", "a.two": "./two.json" }),
      "one.json": message({ battery: LEVEL }),
      "two.json": message({ battery: turned }),
    });
    expect(names).toEqual({
      "one.json": "One",
      "one.json#/definitions/battery": "Battery",
      "two.json": "Two",
      "two.json#/definitions/battery": "Battery",
    });
  });

  it("are shared by definitions that refer to themselves and to equal definitions", async () => {
    const family = (leaf: object) =>
      message({
        node: { properties: { next: { $ref: "#/definitions/node" }, leaf: { $ref: "#/definitions/leaf" } } },
        leaf,
      });
    const names = await namesIn({
      "api.yaml": specOf({ "a.one": "./one.json", "a.two": "./two.json", "a.three": "./three.json" }),
      "one.json": family(LEVEL),
      "two.json": family(LEVEL),
      "three.json": family(OTHER_LEVEL),
    });
    expect(names["two.json#/definitions/node"]).toBe("Node");
    expect(names["two.json#/definitions/leaf"]).toBe("Leaf");
    expect(names["three.json#/definitions/node"]).toBe("ThreeNode");
    expect(names["three.json#/definitions/leaf"]).toBe("ThreeLeaf");
  });

  it("stay apart if the names of constants differ", async () => {
    const mode = (...names: string[]) =>
      message({ mode: { enum: [0, 1], "x-enum-varnames": names, "x-enum-descriptions": names } });
    const names = await namesIn({
      "api.yaml": specOf({ "a.one": "./one.json", "a.two": "./two.json" }),
      "one.json": mode("off", "on"),
      "two.json": mode("idle", "busy"),
    });
    expect(names).toMatchObject({
      "one.json#/definitions/mode": "Mode",
      "two.json#/definitions/mode": "TwoMode",
    });
  });

  it("leave out the ending of a schema file", async () => {
    const files = ["a.json", "b.schema.json", "c.schema", "d.schema.yaml", "e.YML"];
    const names = await namesIn({
      "api.yaml": specOf(Object.fromEntries(files.map((file) => [`x.${file[0]}`, `./${file}`]))),
      ...Object.fromEntries(files.map((file) => [file, message({})])),
    });
    expect(Object.values(names)).toEqual(["A", "B", "C", "D", "E"]);
  });

  it("stay apart for two keys with equal text", async () => {
    const names = await namesIn({
      "api.yaml": specOf({ "a.one": "./one.json" }),
      "one.json": message({ latitude: { type: "number" }, longitude: { type: "number" } }),
    });
    expect(Object.values(names)).toEqual(["One", "Latitude", "Longitude"]);
  });

  it("take the file in front, then its folders, where definitions with one key differ", async () => {
    const names = await namesIn({
      "api.yaml": specOf({
        "a.one": "./v1/state.json",
        "a.two": "./v2/state.json",
        "a.three": "./v3/state.json",
      }),
      "v1/state.json": message({ level: LEVEL }),
      "v2/state.json": message({ level: OTHER_LEVEL }),
      "v3/state.json": message({ level: { type: "object", properties: { level: { type: "null" } } } }),
    });
    expect(names).toEqual({
      "v1/state.json": "State",
      "v1/state.json#/definitions/level": "Level",
      "v2/state.json": "V2State",
      "v2/state.json#/definitions/level": "StateLevel",
      "v3/state.json": "V3State",
      "v3/state.json#/definitions/level": "V3StateLevel",
    });
  });

  it("take the folder in front where several of its files repeat a definition", async () => {
    const names = await namesIn({
      "api.yaml": specOf({ "a.a": "./v1/a.json", "a.b": "./v2/b.json", "a.c": "./v2/c.json" }),
      "v1/a.json": message({ level: LEVEL }),
      "v2/b.json": message({ level: OTHER_LEVEL }),
      "v2/c.json": message({ level: OTHER_LEVEL }),
    });
    expect(names["v1/a.json#/definitions/level"]).toBe("Level");
    expect(names["v2/b.json#/definitions/level"]).toBe("V2Level");
    expect(names["v2/c.json#/definitions/level"]).toBe("V2Level");
  });

  it("tell references apart that end in one word inside one schema", async () => {
    const names = await namesIn({
      "api.yaml": specOf({ "a.one": "./one.json" }),
      "one.json": schema({
        properties: {
          left: { properties: { wheel: LEVEL } },
          right: { properties: { wheel: OTHER_LEVEL } },
          a: { $ref: "#/properties/left/properties/wheel" },
          b: { $ref: "#/properties/right/properties/wheel" },
        },
      }),
    });
    expect(Object.values(names)).toEqual(["One", "Wheel", "RightWheel"]);
  });

  it("avoid the names that the package has already", async () => {
    const names = await namesIn({
      "api.yaml": specOf({
        "a.one": "./Observation.json",
        "a.two": "./kit/ErrorCode.json",
        "a.three": "./kit/FleetClient.json",
      }),
      "Observation.json": message({ ErrorCode: { enum: [1, 2] }, Client: LEVEL }),
      "kit/ErrorCode.json": schema({ type: "string" }),
      "kit/FleetClient.json": schema(LEVEL),
    });
    expect(names).toEqual({
      "Observation.json": "FleetObservation",
      "Observation.json#/definitions/ErrorCode": "ObservationErrorCode",
      "Observation.json#/definitions/Client": "ObservationClient",
      "kit/ErrorCode.json": "KitErrorCode",
      "kit/FleetClient.json": "KitFleetClient",
    });
  });

  it("of an inline schema begin with the extension, then the resource, then the body", async () => {
    const spec = specOf({ "water.boil": "x", "water.cool": "x" });
    const inline = (text: object) =>
      `{ schema: ${schema({ $ref: "#/$defs/Extension", $defs: { Extension: text } })} }`;
    const parts = spec.split('{ schema: { $ref: "x" } }');
    const names = await namesIn({
      "api.yaml": [parts[0], inline(LEVEL), parts[1], inline(OTHER_LEVEL), parts[2]].join(""),
    });
    // `WaterExtension` is the type of the extension's methods.
    expect(Object.values(names)).toEqual(["WaterBoilExtension", "WaterCoolExtension"]);
  });

  it("differ by a number where two keys of one file give the same identifier", async () => {
    const names = await namesIn({
      "api.yaml": specOf({ "a.one": "./one.json" }),
      "one.json": message({
        "a-b": LEVEL,
        a_b: OTHER_LEVEL,
        "a b": { type: "null" },
        "a.b": { type: "string" },
      }),
    });
    expect(Object.values(names)).toEqual(["One", "AB", "OneAB", "FleetOneAB", "FleetOneAB2"]);
  });

  it("of a file that is named like the type of its body are the body's", async () => {
    const names = await namesIn({
      "api.yaml": specOf({
        "boot.notification": "./BootNotificationRequest.json",
        "boot.again": "./x/BootNotificationRequest.json",
      }),
      "BootNotificationRequest.json": schema(LEVEL),
      "x/BootNotificationRequest.json": schema(LEVEL),
    });
    expect(names).toEqual({ "x/BootNotificationRequest.json": "BootNotificationRequest" });
  });

  it("are decided by x-topicsmith-name, whatever is met first", async () => {
    const names = await namesIn({
      "api.yaml": specOf({ "a.one": "./one.json", "a.two": "./two.json" }),
      "one.json": message({ level: LEVEL }),
      "two.json": message({ level: { ...OTHER_LEVEL, "x-topicsmith-name": "Level" } }),
    });
    expect(names["one.json#/definitions/level"]).toBe("OneLevel");
    expect(names["two.json#/definitions/level"]).toBe("Level");
  });

  it("stay what they were when a resource with another file is added at the end", async () => {
    const { "api.yaml": _, ...files } = chargingFamily();
    const all = Object.keys(files).map((file) => [`a.${file.replaceAll(/\W/g, "-")}`, `./${file}`]);
    const before = await namesIn({ ...files, "api.yaml": specOf(Object.fromEntries(all.slice(0, 40))) });
    const after = await namesIn({ ...files, "api.yaml": specOf(Object.fromEntries(all.slice(0, 41))) });
    expect(after).toMatchObject(before);
    expect(Object.keys(after).length).toBeGreaterThan(Object.keys(before).length);
  });
});

describe("a family of 128 files that repeat their definitions", () => {
  it("gives a package that compiles", async () => {
    // Inside the project, so that the package finds mqtt.
    const target = fileURLToPath(new URL("../../.tmp/families/", import.meta.url));
    rmSync(target, { recursive: true, force: true });
    const spec = writeFamily(join(folder, "compiled"), chargingFamily());
    const { files } = await render({ spec });
    writeSources(target, { files, diagnostics: "" });
    writeFileSync(join(target, "package.json"), '{ "type": "module" }');
    const compilerOptions = {
      target: "ES2022",
      lib: ["ES2022", "DOM"],
      types: [],
      module: "NodeNext",
      strict: true,
    };
    const settings = {
      compilerOptions: { ...compilerOptions, skipLibCheck: true, noEmit: true },
      include: ["src"],
    };
    writeFileSync(join(target, "tsconfig.json"), JSON.stringify(settings));
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", target], { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  it("declares each definition once, under names that read well", async () => {
    const spec = writeFamily(join(folder, "charging"), chargingFamily());
    const { files, diagnostics } = await render({ spec });
    expect(diagnostics).toEqual([]);
    const text = files.find(({ path }) => path === "src/schemas.ts")?.text ?? "";
    expect([...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name)).toEqual([
      "CustomDataType",
      "GenericStatusEnumType",
      "StatusInfoType",
      "EVSEType",
      "ReasonEnumType",
      "BootNotificationRequestReasonEnumType",
      "CancelReservationRequestReasonEnumType",
      "ChangeAvailabilityRequestReasonEnumType",
      "V2StatusInfoType",
    ]);
    const validators = files.filter(({ path }) => path.endsWith(".validators.ts"));
    const shared = validators.find(({ path }) => path === "src/shared.validators.ts")?.text ?? "";
    // One function for each definition, not one for each file.
    expect(shared.match(/function /g)?.length).toBeLessThan(20);
  });
});
