import { Option } from "commander";
import type { MockCommandOptions } from "../mock.js";
import { ALLOW, CONFIG, portOf, SPEC, type CommandDefinition } from "./definition.js";

/** `topicsmith mock [spec]` */
export const defineMock: CommandDefinition = (program, finish) => {
  program
    .command("mock")
    .summary("run a mock platform for testing devices")
    .description(
      "Starts an MQTT 3.1.1 broker with a mock platform that responds to every\n" +
        "resource of the spec, from the spec's examples or from your handlers. Prints\n" +
        "the traffic with secrets redacted. Stop it with Ctrl-C.",
    )
    .argument(...SPEC)
    .option(...CONFIG)
    .option("-p, --port <port>", "port to listen on (0: any free port; default: 1883)", portOf)
    .option("--host <address>", "address to bind (default: 127.0.0.1)")
    .option("--ws [port]", "also listen on WebSocket (without a port: any free port)", portOf)
    .option("--allow-origin <origin...>", "let web pages of other origins connect over WebSocket")
    .addOption(
      new Option("--deliver <mode>", "deliver to subscribers (default), or always to the requester").choices([
        "subscribed",
        "always",
      ]),
    )
    .option("--handlers <file>", "module whose default export holds your handlers")
    .option("--faults <file>", "YAML file of faults to inject")
    .option("--record <file>", "record the traffic as JSON Lines, with secrets redacted")
    .addOption(
      new Option("--log-format <format>", "lines for people, or one JSON object per event")
        .choices(["pretty", "json"])
        .default("pretty"),
    )
    .option("--show-secrets", "print secrets instead of redacting them")
    .option(...ALLOW)
    .option("-q, --quiet", "do not print the traffic")
    .action(async (spec: string | undefined, options: MockCommandOptions) => {
      const { runMock } = await import("../mock.js");
      finish(await runMock(spec, options));
    });
};
