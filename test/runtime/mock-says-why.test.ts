/** The mock names the reason of every refusal, and its place in the spec. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Mock, type MockOptions, startMock } from "../../src/mock/index.js";
import { POLLING } from "../support/polling.js";

const SPEC = "test/support/garden.yaml";
const text = readFileSync(SPEC, "utf8").split("\n");
/** The line of the spec that contains a text. */
const lineOf = (part: string): number => text.findIndex((line) => line.includes(part)) + 1;
const at = (part: string): string => `(${SPEC}:${lineOf(part)})`;

let folder: string;
let lines: string[];
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-why-"));
  lines = [];
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: MockOptions = {}): Promise<{ mock: Mock; client: MqttClient }> {
  const mock = await startMock(SPEC, {
    print: (line) => lines.push(line.slice("00:00:00.000  ".length).replace(/ {2}\d+ ms$/, "")),
    ...options,
  });
  closing.push(() => mock.close());
  const client = await mqtt.connectAsync(mock.url, { reconnectPeriod: 0 });
  closing.push(() => client.endAsync(true));
  return { mock, client };
}

/** The printed lines that begin with a mark. */
async function printed(mark: string): Promise<readonly string[]> {
  return vi.waitUntil(() => {
    const found = lines.filter((line) => line.startsWith(mark));
    return found.length > 0 && found;
  }, POLLING);
}

describe("a mock prints why it refuses", () => {
  test.each([
    [
      "a number that is too small, behind a $ref",
      '{"zone":0,"moisture":1}',
      `/zone must be >= 1 ${at("  minimum: 1")}`,
    ],
    [
      "a misspelt property",
      '{"zone":1,"moisture":1,"key":{},"moistre":2}',
      `the whole body must NOT have additional properties: "moistre"; did you mean moisture? ${at("additionalProperties: false")}`,
    ],
    [
      "a missing property",
      '{"zone":1}',
      `the whole body must have required property 'moisture' ${at("required: [zone")}`,
    ],
    ["a body that is not JSON", "{zone:1}", `the whole body is not JSON ${at("moisture:")}`],
    [
      "several problems at once",
      '{"zone":"x","moisture":"y"}',
      `/zone must be integer ${at("type: integer")}; /moisture must be number ${at("moisture: { type: number }")}`,
    ],
    [
      "a property inside a sensitive one, without its name",
      '{"zone":1,"moisture":1,"key":{"s3cret":1}}',
      `/key must be string ${at("additionalProperties: { type: string }")}`,
    ],
  ])("%s", async (_, body, reason) => {
    const { mock, client } = await start({ record: join(folder, "record.jsonl") });
    await client.publishAsync("g/bed-7/telemetry/moisture/5", body, { qos: 1 });
    expect(await printed("< error")).toEqual([`< error telemetry.moisture 5  ***  ${reason}`]);
    expect(mock.requests.map(({ refused }) => refused)).toEqual([reason]);
    await mock.close();
    const record = readFileSync(join(folder, "record.jsonl"), "utf8");
    expect(record).not.toContain("s3cret");
    const entries = record
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(entries).toContainEqual(
      expect.objectContaining({
        kind: "refused-request",
        resource: "telemetry.moisture",
        requestId: 5,
        reason,
      }),
    );
  });

  test("a request whose handler responds later, also in requests that were read before", async () => {
    let fail: (error: Error) => void = () => {};
    const moisture = (): Promise<void> => new Promise((_, reject) => (fail = reject));
    const { mock, client } = await start({ handlers: { telemetry: { moisture } } });
    await client.publishAsync("g/bed-7/telemetry/moisture/5", '{"zone":1,"moisture":1}', { qos: 1 });
    const [request] = mock.requests;
    expect(request?.refused).toBeUndefined();
    fail(new Error("the pump of bed-7 is dry"));
    expect(await printed("< error")).toEqual([
      "< error telemetry.moisture 5  ***  the handler failed: the pump of *** is dry",
    ]);
    expect(request?.refused).toBe("the handler failed: the pump of *** is dry");
  });

  test("a response of a handler that does not match its schema", async () => {
    const { client } = await start({ handlers: { valve: { open: () => ({ open: "yes" }) } } });
    await client.publishAsync("g/bed-7/valve/open/v1/5", "{}", { qos: 1 });
    expect(await printed("< error")).toEqual([
      `< error valve.open 5  *** v1  the handler returned an invalid response: /open must be boolean ${at("open: { type: boolean }")}`,
    ]);
  });
});

describe("a mock names the nearest resource of a topic that matches none", () => {
  const moisture = `the nearest is telemetry.moisture ${at("moisture:")}, g/{device}/telemetry/moisture[/{requestId}]:`;
  const open = `the nearest is valve.open ${at("open:")}, g/{device}/valve/open/{valve}[/{requestId}]:`;
  test.each([
    ["g/bed-7/telemetry/moistrue/5", `${moisture} did you mean telemetry/moisture?`],
    ["g/bed-7/Telemetry/moisture/5", `${moisture} did you mean telemetry/moisture?`],
    ["g/BED/telemetry/moisture/5", `${moisture} device must match ^[a-z0-9-]+$`],
    ["g/bed-7/telemetry/moisture/100", `${moisture} the request id must be a whole number from 1 to 99`],
    ["g/bed-7/telemetry/moisture/007", `${moisture} the request id must not have a leading zero`],
    ["g/bed-7/telemetry/moisture/-5", `${moisture} the request id must be a whole number from 1 to 99`],
    ["g/bed-7/telemetry/moisture/5/x", `${moisture} it has a level too many`],
    ["/g/bed-7/telemetry/moisture/5", `${moisture} it has a level too many`],
    ["bed-7/telemetry/moisture/5", `${moisture} the level "g" is missing`],
    ["g/bed-7/moisture/5", `${moisture} the level "telemetry" is missing`],
    ["g/bed-7/valve/open/vx/5", `${open} valve must match ^v[0-9]$`],
    ["g/bed-7/valve/open/5", `${open} valve must not be a number, which would be read as a request id`],
    ["hello", "no resource has a similar topic"],
  ])("%s", async (topic, reason) => {
    const { client } = await start();
    await client.publishAsync(topic, "{}", { qos: 1 });
    const [line] = await printed(">");
    expect(line).toMatch(/^> [^:]+: unknown topic; /);
    expect(line?.slice(line.indexOf("; ") + 2)).toBe(reason);
    expect(line).not.toContain("bed-7");
  });
});
