import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createSchemaSet } from "../../../src/schema/index.js";
import { fromAsyncApi } from "../../../src/asyncapi/schemas/from-asyncapi.js";
import { SCHEMAS, SchemaTranslator } from "../../../src/asyncapi/schemas/to-asyncapi.js";
import { setProperty } from "../../../src/json/json.js";
import { formatFragment, parsePointer } from "../../../src/json/pointer.js";
import { DRAFT_NAMES, DRAFTS, groupsOf } from "../schema/suite.js";
import {
  exportedData,
  imported,
  loadImported,
  loadSpec,
  plainModel,
  rootOf,
  roundTrip,
  SPECS,
  type ExportedData,
  type ValidSpec,
} from "./support.js";

const specs = new Map<string, ValidSpec>();

beforeAll(async () => {
  for (const path of SPECS) {
    const spec = await loadSpec(path);
    if (spec !== undefined) specs.set(path, spec);
  }
});

function specAt(path: string): ValidSpec {
  const spec = specs.get(path);
  if (spec === undefined) throw new Error(`${path} has errors`);
  return spec;
}

describe("an exported document", () => {
  it("is tried for every valid spec of the repository", () => {
    expect(specs.size).toBeGreaterThan(45);
  });

  it.each(SPECS)("of %s gives back an equal model when it is imported, from either side", async (path) => {
    const spec = specs.get(path);
    if (spec === undefined) return;
    for (const side of ["device", "platform"] as const)
      expect(plainModel(await roundTrip(spec, path, side)), side).toEqual(plainModel(spec));
  });

  it.each(SPECS)("of %s gives a valid spec in one file", async (path) => {
    const spec = specs.get(path);
    if (spec === undefined) return;
    const result = await imported(JSON.stringify(exportedData(spec)));
    expect(result.spec?.files).toHaveLength(1);
    expect(result.diagnostics).toEqual([]);
    const { model } = await loadImported(result);
    expect(model.extensions.map(({ key, resources }) => [key, resources.length])).toEqual(
      spec.model.extensions.map(({ key, resources }) => [key, resources.length]),
    );
  });
});

/** A schema after an export and an import. */
function translated(schema: unknown): unknown {
  const uri = "spec:/a.yaml";
  const { index } = createSchemaSet([{ uri, value: schema }]);
  const translator = new SchemaTranslator({ index, uses: [], names: new Map() });
  translator.document(uri, "Root", {});
  translator.resolve();
  const components = JSON.parse(JSON.stringify(translator.components)) as Readonly<Record<string, unknown>>;
  const result = fromAsyncApi(components["Root"], { pointer: `${SCHEMAS}/Root`, title: "Root", components });
  for (const { node, pointer } of result.references)
    setProperty(node, "$ref", `#${formatFragment(parsePointer(result.pointers.get(pointer) ?? "?") ?? [])}`);
  return result.value;
}

describe("a schema of the JSON Schema Test Suite", () => {
  it.each(DRAFT_NAMES)("of %s is the same after an export and an import", (draft) => {
    const groups = groupsOf(draft);
    expect(groups.length).toBeGreaterThan(100);
    for (const { schema, description, file } of groups) {
      const full =
        typeof schema === "object" && schema !== null ? { $schema: DRAFTS[draft], ...schema } : schema;
      expect(translated(full), `${file}: ${description}`).toEqual(full);
    }
  });
});

const value = fc.jsonValue({ maxDepth: 3 }).map((data): unknown => JSON.parse(JSON.stringify(data)));
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter((one) => one.trim() === one);

/** Texts that YAML, Markdown or JSON could read as something else. */
const prose = fc.oneof(
  text,
  fc.constantFrom(
    "yes",
    "2024-05-01",
    "- a",
    "# a",
    "a: b",
    "~",
    "1e3",
    "0x1f",
    "null",
    "{a}",
    "[a]",
    "a\n\n  b\n",
    "\ta",
    "%",
    "*",
    "&a",
    "`",
    "|",
    ">",
    "@",
    "'",
    '"',
    "$ref",
    "<b>",
    "🌱",
  ),
);

/** A scenario's spec with other texts in its root file. */
async function rewritten(path: string, texts: readonly string[]): Promise<ValidSpec | undefined> {
  let count = 0;
  const next = () => texts[count++ % texts.length] ?? "";
  return loadSpec(path, (data) => {
    const { api, extensions } = data;
    Object.assign(api, { title: next(), description: next() });
    for (const extension of Object.values(extensions ?? {})) {
      if (extension.resources === undefined) continue;
      Object.assign(extension, { title: next(), description: next(), source: next() });
      for (const resource of Object.values(extension.resources))
        Object.assign(resource, { summary: next(), description: next(), deprecated: next() });
    }
  });
}

describe("a spec with any texts", () => {
  // The large schemas are only slower here.
  const paths = SPECS.filter((path) => !path.includes("large-schema"));

  it("gives back an equal model after an export and an import", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.array(prose, { minLength: 1, maxLength: 12 }),
        fc.constantFrom("device" as const, "platform" as const),
        async (path, texts, side) => {
          const spec = await rewritten(path, texts);
          if (spec === undefined) return;
          expect(plainModel(await roundTrip(spec, path, side))).toEqual(plainModel(spec));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("a change to an exported document", () => {
  const KAA = "spec/kaa/kaa.yaml";

  /** Kaa's model after a change to the document for it. */
  async function changed(change: (data: ExportedData) => void): Promise<ReturnType<typeof modelOf>> {
    const data = exportedData(specAt(KAA));
    change(data);
    return modelOf(data);
  }

  async function modelOf(data: ExportedData) {
    const result = await imported(JSON.stringify(data), { rootFile: "kaa.yaml" });
    return (await loadImported(result, "kaa.yaml")).model;
  }

  const command = (model: Awaited<ReturnType<typeof modelOf>>) => {
    const found = model.extensions
      .flatMap(({ resources }) => resources)
      .find(({ id }) => id === "cex.command");
    if (found === undefined) throw new Error("cex.command is missing");
    return found;
  };

  it("to texts, versions, servers and bindings is in the imported spec, whatever the texts are", async () => {
    await fc.assert(
      fc.asyncProperty(text, text, fc.constantFrom(0, 1, 2), async (title, summary, qos) => {
        const model = await changed(({ info, servers, operations }) => {
          Object.assign(info, { title, version: "2.5.1", description: summary });
          Object.assign(operations["cexCommand"] ?? {}, { summary, bindings: { mqtt: { qos } } });
          Object.assign(servers["cloud"] ?? {}, {
            host: "localhost:2883",
            protocol: "ws",
            pathname: "/mqtt",
          });
        });
        expect(model).toMatchObject({ title, version: "2.5.1", description: summary });
        expect(command(model)).toMatchObject({ summary, qos });
        expect(model.servers[0]?.url).toBe("ws://localhost:2883/mqtt");
      }),
      { numRuns: 8 },
    );
  });

  it("to examples is in the imported spec, whatever JSON values they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 3 }), async (examples) => {
        const model = await changed(({ components }) => {
          const message = components["messages"]?.["DcxJsonRequest"] ?? {};
          Object.assign(message, { examples: examples.map((payload) => ({ payload })) });
        });
        expect(model.extensions[0]?.resources[0]?.request?.examples).toEqual(examples);
      }),
      { numRuns: 15 },
    );
  });

  it("to an address changes the path, and keeps which levels are optional", async () => {
    const model = await changed(({ channels, components }) => {
      const address = "kp1/{appVersion}/cmx/{endpointToken}/settings/json/{configName}/{requestId}";
      Object.assign(channels["cmxConfig"] ?? {}, { address });
      expect(components["parameters"]).toHaveProperty("cmxConfig_configName");
    });
    const config = model.extensions
      .find(({ key }) => key === "cmx")
      ?.resources.find(({ key }) => key === "config");
    expect(config?.template).toBe(
      "kp1/{appVersion}/cmx/{endpointToken}/settings/json[/{configName}][/{requestId}]",
    );
  });

  it("to a schema, a parameter or a description of a tag is in the imported spec", async () => {
    const result = await imported(
      JSON.stringify(
        (() => {
          const data = exportedData(specAt(KAA));
          const { schemas = {}, parameters = {}, tags = {} } = data.components;
          Object.assign(schemas["CexCommandRequest"]?.["properties"] ?? {}, {
            wait: { title: "Seconds to wait", type: "integer", minimum: 1 },
          });
          Object.assign(parameters["appVersion"] ?? {}, {
            description: "The version.",
            examples: ["demo-v2"],
          });
          Object.assign(tags["cex"] ?? {}, { description: "Commands." });
          return data;
        })(),
      ),
      { rootFile: "kaa.yaml" },
    );
    const { document } = await loadImported(result, "kaa.yaml");
    const request = document.schemas.find(({ uri }) =>
      uri.endsWith("/cex.yaml/resources/command/request/schema"),
    );
    expect(request?.value).toMatchObject({
      properties: { wait: { title: "Seconds to wait", type: "integer", minimum: 1 } },
    });
    expect(document.value.protocol?.parameters?.["appVersion"]).toMatchObject({
      bind: "client",
      description: "The version.",
      example: "demo-v2",
    });
    expect(document.extensions.find(({ key }) => key === "cex")?.value.description).toBe("Commands.");
  });

  it("that adds a schema and uses it is in the imported spec", async () => {
    const data = exportedData(specAt(KAA));
    Object.assign(data.components["schemas"] ?? {}, {
      Delay: { type: "object", properties: { next: { $ref: "#/components/schemas/Delay" } } },
    });
    const response = data.components["schemas"]?.["CexCommand"];
    Object.assign(response?.["properties"] ?? {}, { delay: { $ref: "#/components/schemas/Delay" } });
    const result = await imported(JSON.stringify(data), { rootFile: "kaa.yaml" });
    expect(rootOf(result)["definitions"]).toEqual({
      Delay: { type: "object", properties: { next: { $ref: "#" } } },
    });
    await loadImported(result, "kaa.yaml");
  });
});
