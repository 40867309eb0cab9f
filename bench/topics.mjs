// Building and parsing topics, beside mqtt-pattern.
import pattern from "mqtt-pattern";
import * as kaa from "kaa-device-client";
import { measure } from "./support/contenders.mjs";

const values = { appVersion: "demo-v1", endpointToken: "JTjdbENzHh", requestId: 42 };
const builders = Object.entries(kaa).flatMap(([name, value]) =>
  name.endsWith("Topic") && value.template ? [value] : [],
);
/** Every topic of the API as mqtt-pattern spells it: with and without what may be left out, for a request and both answers. */
const patterns = builders
  .flatMap(({ template }) => waysToWrite(template.text))
  .flatMap((template) =>
    ["", "/status", "/error"].map((suffix) => template.replaceAll(/\{(\w+)\}/g, "+$1") + suffix),
  );
const one = "kp1/+appVersion/dcx/+endpointToken/json/+requestId/status";
const topics = builders.map((topic) =>
  topic.success({ ...values, metricName: "altitude", commandType: "reboot", configName: "wifi" }),
);

function waysToWrite(template) {
  const optional = /\[([^\]]*)\]/.exec(template);
  if (!optional) return [template];
  const [whole, part] = optional;
  return [...waysToWrite(template.replace(whole, "")), ...waysToWrite(template.replace(whole, part))];
}

function findAmongAll(topic) {
  for (const each of patterns) {
    const found = pattern.exec(each, topic);
    if (found) return found;
  }
}

measure("building a topic", {
  generated: () => kaa.dcxJsonTopic.success(values),
  "mqtt-pattern": () => pattern.fill(one, values),
});
const topic = kaa.dcxJsonTopic.success(values);
measure("parsing a topic, its pattern known", {
  generated: () => kaa.parseTopic(topic),
  "mqtt-pattern": () => pattern.exec(one, topic),
});
let turn = 0;
const next = () => topics[(turn = (turn + 1) % topics.length)];
measure(`parsing a topic, one of ${patterns.length} patterns`, {
  generated: () => kaa.parseTopic(next()),
  "mqtt-pattern, one after the other": () => findAmongAll(next()),
});
