import { describe, expect, test } from "vitest";
import { mqttTransport } from "../../../../src/runtime/index.js";
import { checkConnect } from "../../../../src/runtime/transport/check-connect.js";

const control = "must not contain U+000A, for which brokers close the connection";
const long = "x".repeat(65_536);

describe("checkConnect", () => {
  test.each([
    [{ clientId: "device\n" }, `clientId ${control}`],
    [{ clientId: 5 }, "clientId must be a string"],
    [{ clientId: long }, "clientId must not have more than 65,535 bytes"],
    [{ username: "token\n" }, `username ${control}`],
    [{ username: "\uD800" }, "username must not contain U+D800, for which brokers close the connection"],
    [{ username: "kettle", password: 5 }, "password must be a string"],
    [{ password: long }, "password must not have more than 65,535 bytes"],
    [{ password: new Uint8Array(65_536) }, "password must not have more than 65,535 bytes"],
    [{ keepalive: 70_000 }, "keepalive must be a whole number of at most 65,535 seconds"],
    [{ keepalive: 0.5 }, "keepalive must be a whole number of at most 65,535 seconds"],
    [{ protocolVersion: 9 }, "protocolVersion must be 3 or 4 or 5, not 9"],
    [{ password: "pa55" }, "password needs a username, which may be empty"],
    [{ password: new Uint8Array(0) }, "password needs a username, which may be empty"],
    [{ keepalive: "60" }, 'keepalive must be a number from 0 on, not "60"'],
    [{ will: { topic: "a\n", payload: "" } }, `will.topic ${control}`],
    [{ will: { topic: "a/+", payload: "" } }, "will.topic must be a topic without wildcards"],
    [{ will: "gone" }, "will.topic must be a topic without wildcards"],
    [{ will: { topic: "a", payload: 5 } }, "will.payload must be a string"],
    [{ will: { topic: "a", payload: "", qos: 7 } }, "will.qos must be 0 or 1 or 2, not 7"],
  ])("refuses %o, and does not show a secret", (options, message) => {
    expect(() => checkConnect(options)).toThrow(expect.objectContaining({ code: "invalid-option", message }));
  });

  test.each([
    {},
    { keepalive: 65_535, will: { topic: "a", payload: new Uint8Array(65_535) } },
    { clientId: "", username: "kettle", password: "any\n\0", will: undefined },
    { clientId: "\u{1F600}", username: "kettle", password: new Uint8Array([0]) },
    { username: "", password: "pa55", protocolVersion: 3 },
    { will: { topic: "a/b", payload: new Uint8Array(), qos: 1 } },
  ])("accepts %o", (options) => {
    expect(() => checkConnect(options)).not.toThrow();
  });
});

describe("a transport refuses before it connects", () => {
  test.each([
    ["a client id", "", { clientId: "device\n" }],
    ["a client id that is no string", "", { clientId: 5 as never }],
    ["credentials", "", { credentials: { username: "token\n" } }],
    ["credentials that are a promise", "", { credentials: Promise.resolve({}) as never }],
    ["credentials that are a list", "", { credentials: ["kettle", "pa55"] as never }],
    ["credentials that are null", "", { credentials: null as never }],
    ["a password alone", "", { credentials: { password: "pa55" } }],
    ["credentials of mqtt.js", "", { mqttOptions: { username: "token\n" } }],
    ["credentials of the URL", "token%0A:password@", {}],
    ["a last will", "", { mqttOptions: { will: { topic: "a/#", payload: "" } } }],
  ])("%s", (_name, user, options) => {
    expect(() => mqttTransport(`mqtt://${user}127.0.0.1:1`, options)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  test.each([
    "mqtt://",
    "mqtt:///path",
    "mqtt://host:abc",
    "mqtt://host:0",
    "mqtt://host:99999",
    "mqtt://one:1883,mqtt://other",
    "mqtt://user:password@",
    "ws://:8083/mqtt",
  ])("the URL %s", (url) => {
    expect(() => mqttTransport(url)).toThrow("has to have a host, and a port from 1 to 65,535");
  });

  test.each([
    "mqtt://host",
    "MQTT://Host:65535",
    "mqtts://user:p%40ss@host.example:8883",
    "ws://[::1]:8083/mqtt?x=1",
    "wss://host#fragment",
  ])("not the URL %s", async (url) => {
    const transport = mqttTransport(url, {
      // Its user name may come from the function.
      mqttOptions: { password: "pa55" },
      credentials: () => new Promise(() => undefined),
    });
    await transport.close({ force: true });
  });
});
