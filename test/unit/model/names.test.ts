import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  constantName,
  fileBaseName,
  legalIdentifier,
  typeName,
  valueName,
} from "../../../src/model/index.js";

describe("identifiers from keys", () => {
  it.each([
    [["cmx_ota", "config", "request"], "CmxOtaConfigRequest", "cmxOtaConfigRequest"],
    [["dcx", "getKeys"], "DcxGetKeys", "dcxGetKeys"],
    [["get-keys"], "GetKeys", "getKeys"],
    [["1st"], "_1st", "_1st"],
    [["2", "nd"], "_2Nd", "_2Nd"],
    [["class"], "Class", "class"],
    [["größe"], "Größe", "größe"],
    // The same in decomposed form.
    [["gro\u0308ße"], "Größe", "größe"],
    [["温度"], "温度", "温度"],
    [["---"], "", ""],
    [["DCX"], "DCX", "dCX"],
  ])("of %j are the type %s and the value %s", (keys, type, value) => {
    expect(typeName(...keys)).toBe(type);
    expect(valueName(...keys)).toBe(value);
  });

  it("type names are legal identifiers whatever the key", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (key) => {
        const name = typeName(key);
        fc.pre(name !== "");
        expect(name).toMatch(/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u);
      }),
    );
  });

  it("file names are lower-case with dashes", () => {
    expect(["cmxOta", "getKeys", "HTTPServer", "v2Config", "größe"].map(fileBaseName)).toEqual([
      "cmx-ota",
      "get-keys",
      "http-server",
      "v2-config",
      "größe",
    ]);
  });

  it("constants and arguments are not called like reserved words", () => {
    expect(["class", "cex", "options"].map(legalIdentifier)).toEqual(["class_", "cex", "options"]);
  });

  it("constants of extensions are not called like the functions beside them", () => {
    expect(["createPlatform", "class", "cex"].map(constantName)).toEqual([
      "createPlatform_",
      "class_",
      "cex",
    ]);
  });
});
