// A platform as bare as can be, in a process of its own: `node responder.mjs <port>`. Says "ready" when it listens.
import mqtt from "mqtt";

const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${process.argv[2]}`, { protocolVersion: 4 });
client.stream.setNoDelay(true);
client.on("message", (topic, payload, { qos }) => {
  if (topic.endsWith("/status")) return;
  // What AWS's client asks carries its token in the payload, and comes back as it was.
  const answer = topic.startsWith("aws/") ? payload : '{"name":"Boiler room"}';
  client.publish(`${topic}/status`, answer, { qos });
});
await client.subscribeAsync({ "kp1/+/epmx/+/get/+": { qos: 1 }, "aws/get": { qos: 1 } });
console.log("ready");
