import mqtt, { type MqttClient } from "mqtt";
import { withStatus } from "../runtime/transport/mqtt-stream.js";
import { UsageError } from "./exchange-arguments.js";

/**
 * Connects to a broker, within a time limit.
 *
 * @throws UsageError that names the broker, without the password of its URL, and the reason.
 */
export async function connectBroker(url: string, timeout: number): Promise<MqttClient> {
  const name = withoutPassword(url);
  if (!BROKER.test(url))
    throw new UsageError(
      `${name} is not the URL of a broker; begin it with mqtt://, mqtts://, ws:// or wss://`,
    );
  let client: MqttClient;
  try {
    // The limit of mqtt.js comes later than the one below, whose message names the broker.
    client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: timeout + 1000 });
  } catch (error) {
    throw new UsageError(`cannot connect to ${name}: ${messageOf(error)}`);
  }
  try {
    await accepted(client, { name, timeout });
    return client;
  } catch (error) {
    client.end(true);
    throw error;
  }
}

/** The schemes of URLs that mqtt.js connects to. */
const BROKER = /^(?:mqtts?|tcp|tls|ssl|wss?):\/\//i;

/**
 * Waits for a result of an exchange, unless the connection is lost meanwhile.
 *
 * @throws UsageError if the connection is lost.
 */
export async function whileConnected<T>(client: MqttClient, url: string, result: Promise<T>): Promise<T> {
  const lost = new Promise<never>((_, reject) => {
    const fail = () => reject(new UsageError(`the broker at ${withoutPassword(url)} closed the connection`));
    client.once("close", fail);
    // The connection is closed after an error, and the reason does not say more than that.
    client.on("error", () => undefined);
  });
  return Promise.race([result, lost]);
}

function accepted(
  client: MqttClient,
  { name, timeout }: { readonly name: string; readonly timeout: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer);
      reject(new UsageError(reason));
    };
    const timer = setTimeout(
      () => fail(`the broker at ${name} did not accept the connection within ${timeout} ms`),
      timeout,
    );
    client.once("connect", () => {
      clearTimeout(timer);
      resolve();
    });
    // Later errors follow from the first one.
    client.on("error", (error) => fail(reasonOf(error, name)));
    // mqtt.js drops errors without a `code`, such as the refusal of a WebSocket upgrade.
    client.stream.on("error", (error: Error) => fail(reasonOf(withStatus(error), name)));
    client.once("close", () =>
      fail(`${name} closed the connection without accepting it; is it the URL of an MQTT broker?`),
    );
  });
}

function reasonOf(error: unknown, name: string): string {
  const { code, statusCode } = Object(error) as { readonly code?: unknown; readonly statusCode?: unknown };
  if (typeof statusCode === "number")
    return `${name} refused the WebSocket with the HTTP status ${statusCode}; check the path and the credentials of the URL`;
  if (code === "ECONNREFUSED")
    return `nothing listens on ${name}; start topicsmith mock, or name a broker with --url`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `there is no host of the name in ${name}`;
  // A reason code of MQTT.
  if (typeof code === "number") return `the broker at ${name} refused the connection: ${messageOf(error)}`;
  return `cannot connect to ${name}: ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  const { message, code } = Object(error) as { readonly message?: unknown; readonly code?: unknown };
  // An error of several addresses has no message.
  const text = [message, code].find((one) => typeof one === "string" && one !== "");
  return typeof text === "string" ? (text.trim().split("\n", 1)[0] ?? text) : "the reason is unknown";
}

function withoutPassword(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, "$1");
}
