import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A family of schema files and the spec that uses them: text by path. */
export type Family = Readonly<Record<string, string>>;

/** Writes a family into a folder and returns the path of its spec. */
export function writeFamily(folder: string, family: Family): string {
  for (const [path, text] of Object.entries(family)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return join(folder, "api.yaml");
}

/** A spec whose resources have the given schema files as requests: the file by `extension.resource`. */
export function specOf(bodies: Readonly<Record<string, string>>): string {
  const extensions = [...new Set(Object.keys(bodies).map((id) => id.split(".")[0] ?? ""))];
  const lines = extensions.flatMap((extension) => [
    `  ${extension}:`,
    "    resources:",
    ...Object.entries(bodies)
      .filter(([id]) => id.startsWith(`${extension}.`))
      .flatMap(([id, file]) => {
        const resource = id.slice(extension.length + 1);
        return [
          `      ${resource}:`,
          `        path: ${resource}`,
          "        requestId: none",
          `        request: { schema: { $ref: ${JSON.stringify(file)} } }`,
        ];
      }),
  ]);
  return `topicsmith: 1
api: { name: fleet, title: Fleet API, version: 1.0.0 }
protocol:
  topic: f/{extension}/{device}/{resource}[/{requestId}]
  parameters: { device: { bind: endpoint, example: d1 } }
  requestId: { minimum: 1, maximum: 99, uniquePer: [device] }
  success: "{request}/ok"
  error: "{request}/err"
  errorPayload: { schema: { type: string } }
extensions:
${lines.join("\n")}
`;
}

/** The actions of a charging station, two files each and version: 32 * 2 * 2 = 128 files. */
const ACTIONS = (
  "Authorize BootNotification CancelReservation ChangeAvailability ClearCache ClearDisplay ClearVariable Customer " +
  "DataTransfer DeleteCertificate Firmware GetBaseReport GetCertificate GetCompositeSchedule GetLog GetMonitoring " +
  "GetReport GetVariables Heartbeat InstallCertificate LogStatus MeterValues NotifyEvent PublishFirmware " +
  "RequestStart RequestStop ReserveNow Reset SecurityEvent SendLocalList SetVariables StatusNotification"
).split(" ");

/**
 * A family in the structure of charging stations' message schemas: one file a message, versions in folders, and each file
 * with its own copy of every definition that it uses.
 */
export function chargingFamily(): Family {
  const files: Record<string, string> = {};
  const bodies: Record<string, string> = {};
  for (const version of ["v1", "v2"]) {
    for (const [number, action] of ACTIONS.entries()) {
      for (const direction of ["Request", "Response"]) {
        const file = `schemas/${version}/${action}${direction}.json`;
        files[file] = JSON.stringify(chargingMessage(version, number, `${action}${direction}`), undefined, 2);
        bodies[`${version}.${action}${direction}`] = `./${file}`;
      }
    }
  }
  return { ...files, "api.yaml": specOf(bodies) };
}

function chargingMessage(version: string, number: number, name: string): object {
  const ref = (key: string) => ({ $ref: `#/definitions/${key}` });
  const custom = { customData: ref("CustomDataType") };
  const object = (properties: object, required: readonly string[]) => ({
    type: "object",
    additionalProperties: false,
    properties: { ...custom, ...properties },
    required,
  });
  const definitions = {
    CustomDataType: {
      description: "Data that the standard does not define. Further properties are allowed.",
      javaType: "CustomData",
      type: "object",
      properties: { vendorId: { type: "string", maxLength: 255 } },
      required: ["vendorId"],
    },
    StatusInfoType: {
      description: "More about a status.",
      javaType: "StatusInfo",
      ...object(
        {
          reasonCode: { type: "string", maxLength: version === "v1" ? 20 : 50 },
          additionalInfo: { type: "string", maxLength: 512 },
        },
        ["reasonCode"],
      ),
    },
    GenericStatusEnumType: {
      javaType: `${name}Status`,
      type: "string",
      additionalProperties: false,
      enum: ["Accepted", "Rejected"],
    },
    EVSEType: object({ id: { type: "integer" }, connectorId: { type: "integer" } }, ["id"]),
    // Each message has its own reasons under the same key.
    ReasonEnumType: { type: "string", enum: ["Unknown", `Reason${number % 4}`] },
  };
  return {
    $schema: "http://json-schema.org/draft-06/schema#",
    $id: `urn:${version}:${name}`,
    comment: "Written for tests.",
    definitions,
    ...object(
      {
        status: ref("GenericStatusEnumType"),
        statusInfo: ref("StatusInfoType"),
        evse: { type: "array", additionalItems: false, items: ref("EVSEType"), minItems: 1 },
        reason: ref("ReasonEnumType"),
      },
      ["status"],
    ),
  };
}
