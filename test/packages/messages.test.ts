import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { render } from "../../src/generate.js";
import type { BodyTemplate } from "../../src/runtime/api/body-template.js";
import type { AnyTopic, TopicKind } from "../../src/runtime/topics/topic.js";

/** A message of a scenario's API: its parameters and its payload, and what they are on the wire. */
interface MessageCase {
  readonly scenario: string;
  /** The resource's names, `shadow.get`. */
  readonly resource: string;
  readonly kind: TopicKind;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly payload?: unknown;
  readonly topic: string;
  readonly body?: unknown;
  /** Further properties are on the wire, so that the body can only be read. */
  readonly readOnly?: boolean;
}

interface Descriptor extends AnyTopic {
  readonly wraps?: Readonly<Partial<Record<TopicKind, BodyTemplate>>>;
}

const cases = JSON.parse(
  readFileSync(new URL("../data/messages.json", import.meta.url), "utf8"),
) as readonly MessageCase[];
const scenarios = [...new Set(cases.map(({ scenario }) => scenario))];

// Inside the project, so that the packages find mqtt.
const folder = fileURLToPath(new URL("../.tmp/messages/", import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const packages = new Map<string, Readonly<Record<string, unknown>>>();

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const scenario of scenarios) {
    const spec = fileURLToPath(new URL(`../scenarios/${scenario}/input/api.yaml`, import.meta.url));
    const { files } = await render({ spec });
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, scenario, path)), { recursive: true });
      writeFileSync(join(folder, scenario, path), text);
    }
    await promisify(execFile)(process.execPath, [tsc, "-p", join(folder, scenario, "tsconfig.json")]);
    const entry = pathToFileURL(join(folder, scenario, "dist/index.js")).href;
    packages.set(scenario, (await import(/* @vite-ignore */ entry)) as Readonly<Record<string, unknown>>);
  }
}, 180_000);

function find<T>(scenario: string, name: string): T {
  const exported = packages.get(scenario)?.[name];
  if (exported === undefined) throw new Error(`${scenario} exports no ${name}`);
  return exported as T;
}

function descriptorOf({ scenario, resource }: MessageCase): Descriptor {
  const [first = "", second] = resource.split(".");
  const name =
    second === undefined ? `${first}Resource` : first + second.charAt(0).toUpperCase() + second.slice(1);
  return find(scenario, name);
}

/** The values without those that the topic or the body does not contain. */
function only(values: Readonly<Record<string, unknown>>, names: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

describe("the messages of an API", () => {
  test.each(cases)(
    "$scenario: a generated package builds and reads the $kind of $resource on $topic",
    (one) => {
      const { kind, parameters, payload, topic, body = payload } = one;
      const { template, wraps } = descriptorOf(one);
      const message = template.messages![kind]!;
      expect(message.build(parameters)).toBe(topic);
      const { parameters: read, requestId } = message.read(topic.split("/"))!;
      const all = { ...read, ...(requestId !== undefined && { requestId }) };
      expect(all).toEqual(only(parameters, message.names));

      const wrap = wraps?.[kind];
      if (wrap === undefined) return expect(body).toEqual(payload);
      if (!one.readOnly) expect(wrap.build(parameters, payload)).toEqual(body);
      const reading = wrap.read(body, (name) => name === "body" || name === "requestId");
      // A payload that was left out looks like one without properties where its properties are spread.
      expect(reading?.body ?? {}).toEqual(payload ?? {});
      expect(reading?.values).toEqual(only(parameters, wrap.names));
    },
  );

  test.each(scenarios)("%s: a generated package parses the topics that it builds", (scenario) => {
    const parse = find<(topic: string, options?: { from?: string }) => { resource: string } | undefined>(
      scenario,
      "parseTopic",
    );
    for (const one of cases.filter((other) => other.scenario === scenario)) {
      const { template } = descriptorOf(one);
      const isFromPlatform = (template.messages?.from === "platform") === (one.kind === "request");
      const parsed = parse(one.topic, { from: isFromPlatform ? "platform" : "client" });
      expect(parsed, one.topic).toBeDefined();
    }
  });
});

/** A client and a platform of one scenario, on one broker in memory. */
async function bothSides(
  scenario: string,
  handlers: object,
  options: object = {},
): Promise<{ client: Methods; platform: Methods; close: () => Promise<void> }> {
  const broker = find<() => { transport(): unknown }>(scenario, "memoryBroker")();
  const entry = pathToFileURL(join(folder, scenario, "dist/platform.js")).href;
  const { createPlatform } = (await import(/* @vite-ignore */ entry)) as { createPlatform: Method };
  const platform = (await createPlatform(broker.transport(), handlers)) as Methods;
  const client = (await find<Method>(scenario, "connect")(broker.transport(), options)) as Methods;
  const close = async (): Promise<void> => {
    await client["close"]!();
    await platform["stop"]!();
  };
  return { client, platform, close };
}

type Method = (...args: readonly unknown[]) => unknown;

/** Methods of any depth: each test knows the ones that it calls. */
interface Methods {
  readonly [name: string]: Method & Methods;
}

describe("both sides of a generated package", () => {
  test("request on topics of their own, in both directions", async () => {
    const { client, platform, close } = await bothSides("responses-have-topics-of-their-own", {
      getAttributes: (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 1])),
      call: (question: string) => `${question}?`,
      firmware: { chunk: (size: number) => new Uint8Array(size) },
      doors: { open: () => undefined },
    });
    expect(await client["getAttributes"]!(["light"])).toEqual({ light: 1 });
    expect(await client["call"]!("time")).toBe("time?");
    expect(await client["firmware"]!["chunk"]!(3, 16)).toEqual(new Uint8Array(16));
    await client["rpc"]!["handle"]!(async (request: string) => `${request}!`);
    expect(await platform["client"]!({})).toHaveProperty("rpc");
    expect(await (platform["client"]!({}) as Methods)["rpc"]!("ring")).toBe("ring!");
    await close();
  });

  test("tell methods and events of one topic apart by their bodies", async () => {
    const { client, platform, close } = await bothSides(
      "bodies-wrap-payloads",
      {
        switch: {
          set: (state: { on: boolean }) => ({ ...state, id: 1 }),
          toggle: () => true,
        },
      },
      { app: "a" },
    );
    const device = client["device"]!("d") as Methods;
    expect(await device["switch"]!["set"]!({ on: true })).toEqual({ id: 1, on: true });
    expect(await device["switch"]!["toggle"]!()).toBe(true);
    const inputs = device["events"]!["input"]!["observe"]!() as AsyncIterable<unknown> & {
      ready: Promise<void>;
    };
    const iterator = inputs[Symbol.asyncIterator]();
    const first = iterator.next();
    await inputs.ready;
    const sender = platform["device"]!({ app: "a", device: "d" }) as Methods;
    await sender["events"]!["status"]!["send"]!({ on: true });
    await sender["events"]!["input"]!["send"]!(2, "long");
    expect(await first).toEqual({ done: false, value: { body: "long", channel: 2 } });
    await iterator.return?.();
    await close();
  });
});
