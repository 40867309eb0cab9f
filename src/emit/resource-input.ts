import type { ExtensionModel, ProtocolModel, ResourceModel } from "../model/index.js";
import type { TypeLayout } from "./modules.js";

/** What printing one resource depends on. */
export interface ResourceInput {
  readonly protocol: ProtocolModel;
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
  readonly layout: TypeLayout;
}
