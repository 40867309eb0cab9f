import type { Command } from "commander";
import type { ExchangeOptions } from "../exchange.js";
import { ALLOW, CONFIG, millisecondsOf, SPEC, type CommandDefinition } from "./definition.js";

/** `topicsmith push [spec] [resource] [values...]` */
export const definePush: CommandDefinition = (program, finish) => {
  withArguments(program.command("push"))
    .summary("push a message to a device by hand")
    .description(
      "Checks a push against the spec and publishes it, on the mock or on any broker.\n" +
        "Without a resource, lists those with pushes.",
    )
    .action(async (spec?: string, resource?: string, values?: string[], options?: ExchangeOptions) => {
      const { runPush } = await import("../exchange.js");
      finish(await runPush(wordsOf(spec, resource, values), options!));
    });
};

/** `topicsmith call [spec] [resource] [values...]` */
export const defineCall: CommandDefinition = (program, finish) => {
  withArguments(program.command("call"))
    .summary("send a request by hand")
    .description(
      "Checks a request against the spec, publishes it and prints the response.\n" +
        "Without a resource, lists those with a response.",
    )
    .action(async (spec?: string, resource?: string, values?: string[], options?: ExchangeOptions) => {
      const { runCall } = await import("../exchange.js");
      finish(await runCall(wordsOf(spec, resource, values), options!));
    });
};

function withArguments(command: Command): Command {
  return command
    .argument(...SPEC)
    .argument("[resource]", "such as water.valve")
    .argument("[values...]", "parameters of its path, and the payload (JSON, text, or @file)")
    .option("--to <parameters>", "the endpoint: site=home,deviceId=g1")
    .option("--url <url>", "the broker (default: the mock on this machine)")
    .option("--timeout <ms>", "time to connect and to wait for a response", millisecondsOf, 10_000)
    .option(...CONFIG)
    .option(...ALLOW);
}

/** The arguments in one list. Without a spec, the first of them is the resource. */
function wordsOf(spec: string | undefined, resource: string | undefined, values: readonly string[] = []) {
  return [spec, resource, ...values].filter((word) => word !== undefined);
}
