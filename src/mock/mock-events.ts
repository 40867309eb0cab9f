import type { BrokerEvent } from "./broker-events.js";
import type { FaultKind } from "./faults.js";

/** Something that happened at the mock. Nothing is masked here: who shows it has to do that. */
export type MockEvent =
  | BrokerEvent
  /** A fault on purpose struck a request, or a subscription. */
  | {
      readonly kind: "fault";
      readonly fault: FaultKind;
      readonly client: string | undefined;
      /** The request's, or the filter. */
      readonly topic: string;
    };
