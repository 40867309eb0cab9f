import { patchRule, rule } from "./rule.js";

/** Changes of the API, its package and its servers. */
export const API_RULES = {
  "api-renamed": rule(
    "The name of the API changed.",
    ["none", "none", "breaking"],
    "Generated types are named after it, as GardenClient is after garden.",
  ),
  "package-renamed": rule(
    "The name of the generated package changed.",
    ["none", "none", "breaking"],
    "Programs import the package by its name.",
  ),
  "tuple-style-changed": rule(
    "The style of tuples changed (package.tuples).",
    ["none", "none", "breaking"],
    "Types of lists change, though the values do not.",
  ),
  "endpoint-method-renamed": rule(
    "The client's method that returns an endpoint has another name (api.endpoint).",
    ["none", "none", "breaking"],
    "Programs call it.",
  ),
  "type-renamed": rule(
    "The type of a shared schema has another name.",
    ["none", "none", "breaking"],
    "Programs import the type by its name.",
  ),
  "mqtt-version-changed": rule(
    "The default MQTT version of clients changed.",
    ["none", "risky"],
    "New devices connect with another version, which the broker has to support.",
  ),
  "server-added": rule("A server was added.", ["none", "none"], "Programs may use it."),
  "server-removed": rule(
    "A server was removed.",
    ["risky", "none", "breaking"],
    "Devices of the old version still connect to it, and programs name it.",
  ),
  "server-changed": rule(
    "The URL of a server changed.",
    ["risky", "none"],
    "Devices of the old version still connect to the old URL.",
  ),
  "documentation-changed": patchRule(
    "Only a title, a summary, a description or a source changed.",
    "It is printed in comments only.",
  ),
} as const;
