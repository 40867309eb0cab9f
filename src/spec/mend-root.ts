import type { Path, RootSpec } from "./document.js";
import { isObject } from "./json.js";
import { startsWith } from "./location.js";

type Members = Readonly<Record<string, unknown>>;

/**
 * A root file's value with stand-ins for what has a wrong shape or is missing, which was told. Nothing is made from it;
 * it only lets all that is wrong with the rest be told in the same run. As it is if nothing is damaged.
 */
export function mendRoot(value: RootSpec, damaged: readonly Path[]): RootSpec {
  if (damaged.length === 0) return value;
  const root: Members = isObject(value) ? value : {};
  const whole = (path: Path, members: unknown): Members =>
    Object.fromEntries(
      Object.entries(isObject(members) ? members : {}).filter(
        ([key]) => !damaged.some((damage) => startsWith(damage, [...path, key])),
      ),
    );
  const written: Members = isObject(root["protocol"]) ? root["protocol"] : {};
  const declared: Members = isObject(written["parameters"]) ? written["parameters"] : {};
  const parameters = Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => [
      name,
      { bind: "client", ...whole(["protocol", "parameters", name], parameter) },
    ]),
  );
  const hasId = Object.hasOwn(written, "requestId");
  const levels = ["extension", ...Object.keys(parameters), "resource"].map((name) => `{${name}}`);
  const { parameters: _, ...protocol } = whole(["protocol"], written);
  const mended = {
    ...whole([], root),
    api: { name: "api", title: "API", version: "0.0.0", ...whole(["api"], root["api"]) },
    package: whole(["package"], root["package"]),
    servers: whole(["servers"], root["servers"]),
    protocol: {
      topic: `${levels.join("/")}${hasId ? "[/{requestId}]" : ""}`,
      success: "{request}/success",
      error: "{request}/error",
      ...(hasId && { requestId: { minimum: 0, maximum: 2 ** 31 - 1 } }),
      ...protocol,
      parameters,
    },
    extensions: isObject(root["extensions"]) ? root["extensions"] : {},
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every required member has its shape now
  return mended as unknown as RootSpec;
}
