/** Debian's mosquitto clients against `topicsmith mock`, for every resource. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliMock, startCliMock } from "../support/cli-mock.js";
import { hasMosquittoClients, mosquitto } from "../support/mosquitto-clients.js";

const B = "kp1/demo-v1";
const absent = hasMosquittoClients ? "" : " (skipped: apt-get install mosquitto-clients)";

/** Path, body, and the response: of a JSON response, its beginning. */
const resources: readonly (readonly [path: string, body: string | undefined, response: string])[] = [
  ["dcx/TOK/json/1", '{"temperature":21}', ""],
  ["dcx/TOK/plain/altitude/2", "2061m", ""],
  ["epmx/TOK/get/keys/3", undefined, '["name",'],
  ["epmx/TOK/get/4", '{"keys":["name"]}', '{"name":'],
  ["epmx/TOK/update/5", '{"name":"x"}', ""],
  ["epmx/TOK/update/keys/6", '{"name":"x"}', ""],
  ["epmx/TOK/delete/keys/7", '["name"]', ""],
  ["cex/TOK/command/reboot/8", '{"observe":true}', '[{"id":1,'],
  ["cex/TOK/result/reboot/9", '[{"id":1,"statusCode":200}]', ""],
  ["cmx/TOK/config/json/10", '{"observe":true}', '{"configId":'],
  ["cmx/TOK/applied/json/11", '{"configId":"97016dbe"}', ""],
  ["cmx_ota/TOK/config/json/12", '{"configId":"0.0.1"}', '{"configId":"0.0.2"'],
  ["cmx_ota/TOK/applied/json/13", '{"configId":"0.0.2"}', ""],
  ["bcx/TOK/token/14", undefined, '{"token":'],
];

describe.skipIf(!hasMosquittoClients)(`mosquitto's clients${absent}`, () => {
  let mock: CliMock;
  beforeAll(async () => {
    mock = await startCliMock("spec/kaa/kaa.yaml");
  });
  afterAll(async () => {
    await mock.stop();
  });

  test.each([0, 1, 2])("mosquitto_rr receives the response of every resource with QoS %i", async (qos) => {
    for (const [path, body, response] of resources) {
      const topics = ["-t", `${B}/${path}`, "-e", `${B}/${path}/status`, "-q", String(qos), "-W", "5"];
      const printed = await mosquitto(
        "rr",
        mock.port,
        ...topics,
        ...(body === undefined ? ["-n"] : ["-m", body]),
      );
      if (response === "") expect(printed.trim(), path).toBe("");
      else expect(printed, path).toMatch(new RegExp(`^${response.replaceAll(/[[\]{}.]/g, String.raw`\$&`)}`));
    }
  });

  test("mosquitto_sub receives the response to a request of mosquitto_pub", async () => {
    for (const qos of ["0", "1", "2"]) {
      for (const [path, body] of resources) {
        const receiving = mosquitto(
          "sub",
          mock.port,
          "-t",
          `${B}/${path}/status`,
          "-C",
          "1",
          "-W",
          "5",
          "-F",
          "%t %q",
          "-q",
          "2",
        );
        for (let received = false; !received;) {
          await mosquitto(
            "pub",
            mock.port,
            "-t",
            `${B}/${path}`,
            "-q",
            qos,
            ...(body === undefined ? ["-n"] : ["-m", body]),
          );
          // A request that arrives before the subscription has to be sent again.
          received = await Promise.race([
            receiving.then(() => true),
            new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 100)),
          ]);
        }
        expect(await receiving).toBe(`${B}/${path}/status ${qos}\n`);
      }
    }
  });

  test("mosquitto_rr receives an error on the error topic", async () => {
    const topic = `${B}/epmx/TOK/update/1`;
    const printed = await mosquitto(
      "rr",
      mock.port,
      "-t",
      topic,
      "-e",
      `${topic}/error`,
      "-m",
      "[]",
      "-W",
      "5",
    );
    expect(JSON.parse(printed)).toEqual({ statusCode: 400, reasonPhrase: expect.any(String) });
  });
});
