import { patchRule, rule } from "./rule.js";

/** Additions, removals and new names of extensions and resources. */
export const EXTENSION_RULES = {
  "extension-added": rule(
    "An extension was added.",
    ["none", "breaking"],
    "Platforms of the old version do not know it.",
  ),
  "extension-removed": rule(
    "An extension was removed.",
    ["breaking", "none", "breaking"],
    "Requests of devices get no response any more.",
  ),
  "deprecated-extension-removed": rule(
    "An extension was removed whose resources had all been deprecated.",
    ["breaking", "none", "breaking"],
    "The removal was announced, but devices that still use it fail.",
  ),
  "extension-renamed": rule(
    "An extension was renamed (renamedFrom), and its name is part of the topics.",
    ["breaking", "breaking", "breaking"],
    "The two sides use different topics.",
  ),
  "extension-name-changed": rule(
    "An extension was renamed (renamedFrom), and its name is not part of the topics.",
    ["none", "none", "breaking"],
    "Programs name the extension.",
  ),
  "resource-added": rule(
    "A resource was added.",
    ["none", "breaking"],
    "Platforms of the old version do not know it.",
  ),
  "resource-removed": rule(
    "A resource was removed.",
    ["breaking", "none", "breaking"],
    "Requests of devices get no response any more, or are not read.",
  ),
  "deprecated-resource-removed": rule(
    "A resource was removed that had been deprecated.",
    ["breaking", "none", "breaking"],
    "The removal was announced, but devices that still use it fail.",
  ),
  "resource-renamed": rule(
    "A resource was renamed (renamedFrom).",
    ["none", "none", "breaking"],
    "Programs name the resource. A change of its path is reported by itself.",
  ),
  "resource-deprecated": rule(
    "A resource became deprecated.",
    ["none", "none"],
    "It goes on working; editors strike it out.",
  ),
  "resource-undeprecated": patchRule("A resource is no longer deprecated.", "It goes on working."),
} as const;
