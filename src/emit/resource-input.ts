import type { ExtensionModel, ProtocolModel, ResourceModel } from "../model/index.js";
import type { ModuleAssignment } from "./modules.js";

/** What printing one resource depends on. */
export interface ResourceInput {
  readonly protocol: ProtocolModel;
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
  readonly assignment: ModuleAssignment;
}
