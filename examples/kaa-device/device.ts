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

/** The address of the platform, and the identity of the device. */
export interface DeviceOptions {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  readonly appVersion: string;
  readonly endpointToken: string;
  readonly print: Print;
  /** Called while the device handles commands and configurations. */
  readonly whileListening?: () => Promise<void>;
}

/** Connects, uses every resource once, handles pushes, and disconnects. Returns the number of resources that failed. */
export async function runDevice({ url, print, whileListening, ...identity }: DeviceOptions): Promise<number> {
  const kaa = await connect(url, { appVersion: identity.appVersion });
  const device = kaa.endpoint(identity.endpointToken);
  // A send has no response, so its errors are reported by an event.
  let rejected = 0;
  kaa.on("rejected", ({ resource }) => {
    rejected += 1;
    print(`FAIL  ${resource}: the platform rejected a send`);
  });
  // Set by the steps that receive them, used by the steps that report on them.
  let configId = "";
  let version = "1.0.0";
  let commandIds: readonly number[] = [];

  const steps: readonly Step[] = [
    {
      resource: "dcx.json",
      topic: dcxJsonTopic(identity),
      sent: { temperature: 21.5, humidity: 40 },
      run: () => device.dcx.json({ temperature: 21.5, humidity: 40 }),
    },
    {
      resource: "dcx.plain",
      topic: dcxPlainTopic({ ...identity, metricName: "altitude" }),
      sent: "2061m",
      run: async () => {
        await device.dcx.plain.send("altitude", "2061m");
        return "sent (a send has no response unless it fails)";
      },
    },
    {
      resource: "epmx.update",
      topic: epmxUpdateTopic(identity),
      sent: { name: "Boiler room", model: "TH-2" },
      run: () => device.epmx.update({ name: "Boiler room", model: "TH-2" }),
    },
    {
      resource: "epmx.updateKeys",
      topic: epmxUpdateKeysTopic(identity),
      sent: { floor: -1 },
      run: () => device.epmx.updateKeys({ floor: -1 }),
    },
    { resource: "epmx.getKeys", topic: epmxGetKeysTopic(identity), run: () => device.epmx.getKeys() },
    {
      resource: "epmx.deleteKeys",
      topic: epmxDeleteKeysTopic(identity),
      sent: ["model"],
      run: () => device.epmx.deleteKeys(["model"]),
    },
    { resource: "epmx.get", topic: epmxGetTopic(identity), sent: {}, run: () => device.epmx.get({}) },
    {
      resource: "cex.command",
      topic: cexCommandTopic({ ...identity, commandType: "blink" }),
      sent: {},
      run: async () => {
        const commands = await device.cex.command("blink", {});
        commandIds = commands.map(({ id }) => id);
        return commands;
      },
    },
    {
      resource: "cex.result",
      topic: cexResultTopic({ ...identity, commandType: "blink" }),
      sent: "status code 200 for each command",
      run: () =>
        device.cex.result(
          "blink",
          commandIds.map((id) => ({ id, statusCode: 200, payload: "blinked" })),
        ),
    },
    {
      resource: "cmx.config",
      topic: cmxConfigTopic(identity),
      sent: {},
      run: async () => {
        const response = await device.cmx.config({});
        configId = response?.configId ?? "";
        return response;
      },
    },
    {
      resource: "cmx.applied",
      topic: cmxAppliedTopic(identity),
      sent: "the configId",
      run: () => device.cmx.applied({ configId }),
    },
    {
      resource: "cmx_ota.config",
      topic: cmxOtaConfigTopic(identity),
      sent: { configId: version },
      run: async () => {
        const response = await device.cmxOta.config({ configId: version });
        version = response?.configId ?? version;
        return response;
      },
    },
    {
      resource: "cmx_ota.applied",
      topic: cmxOtaAppliedTopic(identity),
      sent: "the version",
      run: () => device.cmxOta.applied({ configId: version }),
    },
    {
      resource: "bcx.token",
      topic: bcxTokenTopic(identity),
      run: async () => `a token of ${(await device.bcx.token()).token.length} characters`,
    },
  ];

  try {
    const failed = await report(steps, print);
    print(`${steps.length - failed} of ${steps.length} resources work`);

    // The platform also pushes commands and configurations. A handler's return value is sent back as the result.
    const registrations = [
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
    for (const registration of registrations) await registration.stop();
    return failed + rejected;
  } finally {
    await kaa.close();
  }
}
