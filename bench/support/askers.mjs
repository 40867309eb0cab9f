// Four ways to ask `epmx.get` over MQTT: each gives a function that asks once, and one that ends.
import { once } from "node:events";
import mqtt from "mqtt";
import { connect } from "kaa-device-client";

const request = { keys: ["name"] };

/** Bare mqtt.js as people write it: one subscription, a map from topic to whoever waits, an id that is not in use. */
async function bare(port, qos, noDelay) {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 });
  if (noDelay) client.stream.setNoDelay(true);
  const base = "kp1/demo-v1/epmx/token/get";
  await client.subscribeAsync([`${base}/+/status`, `${base}/+/error`], { qos: 1 });
  const waiting = new Map();
  client.on("message", (topic, payload) => {
    const asker = waiting.get(topic);
    if (!asker) return;
    waiting.delete(topic);
    asker(JSON.parse(payload.toString()));
  });
  let id = 0;
  return {
    ask: () =>
      new Promise((resolve) => {
        do id = (id % 99) + 1;
        while (waiting.has(`${base}/${id}/status`));
        waiting.set(`${base}/${id}/status`, resolve);
        client.publish(`${base}/${id}`, JSON.stringify(request), { qos });
      }),
    end: () => client.endAsync(true),
  };
}

async function generated(port, qos) {
  const kaa = await connect(`mqtt://127.0.0.1:${port}`, { appVersion: "demo-v1" });
  const { epmx } = kaa.endpoint("token");
  const options = qos === undefined ? {} : { qos };
  return { ask: () => epmx.get(request, options), end: () => kaa.close({ force: true }) };
}

/** It always asks at QoS 1, and finds the answer by a token inside of the payload. */
async function aws(port) {
  const { default: crt } = await import("aws-crt");
  const config = crt.iot.AwsIotMqttConnectionConfigBuilder.new_default_builder()
    .with_client_id(`bench-${process.pid}`)
    .with_endpoint("127.0.0.1")
    .with_clean_session(true)
    .build();
  config.host_name = "127.0.0.1";
  config.port = port;
  config.tls_ctx = undefined;
  const connection = new crt.mqtt.MqttClient().new_connection(config);
  const connected = once(connection, "connect");
  await connection.connect();
  await connected;
  const client = crt.mqtt_request_response.RequestResponseClient.newFromMqtt311(connection, {
    maxRequestResponseSubscriptions: 4,
    maxStreamingSubscriptions: 2,
    operationTimeoutInSeconds: 30,
  });
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
  let count = 0;
  return {
    async ask() {
      count += 1;
      const token = String(count);
      const { payload } = await client.submitRequest({
        subscriptionTopicFilters: ["aws/get/status"],
        responsePaths: [{ topic: "aws/get/status", correlationTokenJsonPath: "token" }],
        publishTopic: "aws/get",
        payload: encoder.encode(JSON.stringify({ ...request, token })),
        correlationToken: token,
      });
      return JSON.parse(decoder.decode(payload));
    },
    async end() {
      client.close();
      await connection.disconnect();
    },
  };
}

export const askers = {
  "bare mqtt.js": (port, qos) => bare(port, qos, false),
  "bare mqtt.js, no delay": (port, qos) => bare(port, qos, true),
  "generated client": generated,
  "aws-crt": (port) => aws(port),
};
