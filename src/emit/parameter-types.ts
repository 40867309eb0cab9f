import type { ParameterModel } from "../model/index.js";

/** The type of a parameter's value. */
export function parameterType({ integer }: ParameterModel): "string" | "number" {
  return integer === undefined ? "string" : "number";
}
