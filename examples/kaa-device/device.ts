import {
  bcxTokenTopic,
  cexCommandTopic,
  cexResultTopic,
  cmxAppliedTopic,
  cmxConfigTopic,
  cmxOtaAppliedTopic,
  cmxOtaConfigTopic,
  connect,
  dcxJsonTopic,
  dcxPlainTopic,
  epmxDeleteKeysTopic,
  epmxGetKeysTopic,
  epmxGetTopic,
  epmxUpdateKeysTopic,
  epmxUpdateTopic,
} from "kaa-device-client";
import { type Print, report, type Step } from "./report.js";

/** Where a device connects, and as whom. */
export interface DeviceOptions {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  readonly appVersion: string;
  readonly endpointToken: string;
  readonly print: Print;
  /** Called while the device listens for commands and configurations. */
  readonly whileListening?: () => Promise<void>;
}

/** A device's whole day: connects, uses every resource once, listens, disconnects. Gives how many resources failed. */
export async function runDevice({ url, print, whileListening, ...where }: DeviceOptions): Promise<number> {
  const kaa = await connect(url, { appVersion: where.appVersion });
  const device = kaa.endpoint(where.endpointToken);
  // An error that no call waits for: a send went wrong.
  let rejected = 0;
  kaa.on("rejected", ({ resource }) => {
    rejected += 1;
    print(`FAIL  ${resource}: the platform rejected what was sent`);
  });
  // Filled in by the steps that ask, for the steps that report.
  let configId = "";
  let version = "1.0.0";
  let commandIds: readonly number[] = [];

  const steps: readonly Step[] = [
    {
      resource: "dcx.json",
      topic: dcxJsonTopic(where),
      sent: { temperature: 21.5, humidity: 40 },
      run: () => device.dcx.json({ temperature: 21.5, humidity: 40 }),
    },
    {
      resource: "dcx.plain",
      topic: dcxPlainTopic({ ...where, metricName: "altitude" }),
      sent: "2061m",
      run: async () => {
        await device.dcx.plain.send("altitude", "2061m");
        return "sent; only an error would be answered";
      },
    },
    {
      resource: "epmx.update",
      topic: epmxUpdateTopic(where),
      sent: { name: "Boiler room", model: "TH-2" },
      run: () => device.epmx.update({ name: "Boiler room", model: "TH-2" }),
    },
    {
      resource: "epmx.updateKeys",
      topic: epmxUpdateKeysTopic(where),
      sent: { floor: -1 },
      run: () => device.epmx.updateKeys({ floor: -1 }),
    },
    { resource: "epmx.getKeys", topic: epmxGetKeysTopic(where), run: () => device.epmx.getKeys() },
    {
      resource: "epmx.deleteKeys",
      topic: epmxDeleteKeysTopic(where),
      sent: ["model"],
      run: () => device.epmx.deleteKeys(["model"]),
    },
    { resource: "epmx.get", topic: epmxGetTopic(where), sent: {}, run: () => device.epmx.get({}) },
    {
      resource: "cex.command",
      topic: cexCommandTopic({ ...where, commandType: "blink" }),
      sent: {},
      run: async () => {
        const commands = await device.cex.command("blink", {});
        commandIds = commands.map(({ id }) => id);
        return commands;
      },
    },
    {
      resource: "cex.result",
      topic: cexResultTopic({ ...where, commandType: "blink" }),
      sent: "200 for each of them",
      run: () =>
        device.cex.result(
          "blink",
          commandIds.map((id) => ({ id, statusCode: 200, payload: "blinked" })),
        ),
    },
    {
      resource: "cmx.config",
      topic: cmxConfigTopic(where),
      sent: {},
      run: async () => {
        const answer = await device.cmx.config({});
        configId = answer?.configId ?? "";
        return answer;
      },
    },
    {
      resource: "cmx.applied",
      topic: cmxAppliedTopic(where),
      sent: "its configId",
      run: () => device.cmx.applied({ configId }),
    },
    {
      resource: "cmx_ota.config",
      topic: cmxOtaConfigTopic(where),
      sent: { configId: version },
      run: async () => {
        const answer = await device.cmxOta.config({ configId: version });
        version = answer?.configId ?? version;
        return answer;
      },
    },
    {
      resource: "cmx_ota.applied",
      topic: cmxOtaAppliedTopic(where),
      sent: "its version",
      run: () => device.cmxOta.applied({ configId: version }),
    },
    {
      resource: "bcx.token",
      topic: bcxTokenTopic(where),
      run: async () => `a token of ${(await device.bcx.token()).token.length} characters`,
    },
  ];

  try {
    const failed = await report(steps, print);
    print(`${steps.length - failed} of ${steps.length} resources work`);

    // Commands and configurations also come unasked: the handlers are called, and what they return is the result.
    const serving = [
      await device.cex.command.handle("reboot", ({ id, payload }) => {
        print(`push  command reboot ${id}: ${JSON.stringify(payload)}`);
        return { statusCode: 200, reasonPhrase: "Rebooted" };
      }),
      await device.cmx.config.handle(({ configId: id, config }) => {
        print(`push  configuration ${id}: ${JSON.stringify(config)}`);
        return { statusCode: 200 };
      }),
    ];
    await whileListening?.();
    for (const each of serving) await each.stop();
    return failed + rejected;
  } finally {
    await kaa.close();
  }
}
