import type { LinkedList, ListNode } from "../internal/linked-list.js";

/** One topic filter at the broker, and the in-flight requests that need it. */
export interface ManagedSubscription {
  readonly filter: string;
  readonly subscribers: LinkedList<Subscriber>;
  /** The broker has acknowledged it in the current session. */
  ready: boolean;
  /** The connection of its last SUBSCRIBE; `undefined` if the broker does not have it. */
  subscribedOnConnection: number | undefined;
  /** Number of connections that were lost before the broker answered its SUBSCRIBE; starts over with an answer. */
  losses: number;
  /** Of those after the first two, how many with a SUBSCRIBE for this filter only. */
  trials: number;
  /** Number of filters in the packet of its last SUBSCRIBE. */
  packetSize: number;
  /** The resource whose values share it, if they do. */
  shared?: unknown;
  /** Stays at the broker after a close. */
  kept?: boolean;
  /** Its position among the idle subscriptions, while it has no subscriber. */
  idleEntry?: ListNode<ManagedSubscription> | undefined;
  /** Time at which its last subscriber released it, in milliseconds of the monotonic clock. */
  idleSince: number;
}

/** An in-flight request that holds references to subscriptions. */
export interface Subscriber {
  /** The subscriptions that this subscriber holds a reference to. */
  readonly subscriptionRefs: SubscriptionRef[];
  /** Its position in the queue for capacity, while it waits there. */
  queueEntry?: ListNode<SubscriptionRequest> | undefined;
  /** Keeps its references until its caller ends it: an observation. */
  readonly longLived: boolean;
  /** Called when a subscription was acknowledged, or when the subscription limit allows the request. */
  onReady(): void;
  /** Called when the broker refused a subscription, or when the subscription limit does not allow the request. */
  onRefused(message: string, cause?: unknown): void;
  /** Called when the broker refused a shared filter. The subscriber has lost its references, and has to acquire its own filters. */
  onUnshared(): void;
}

/** A subscriber's reference to a subscription. */
export interface SubscriptionRef {
  readonly subscription: ManagedSubscription;
  /** The subscriber's position among the subscription's subscribers. */
  readonly node: ListNode<Subscriber>;
}

/** The filters of a target that other values of its path can share. */
export interface SharingTarget {
  readonly resource: unknown;
  /** The beginning of the filters, and the wider one that may replace it. */
  readonly responseTopicBase: string;
  readonly sharedTopicBase: string;
  /** Returns the wider filter, where it does not only begin differently. */
  readonly share?: ((filter: string) => string) | undefined;
}

/** A request for a set of topic filters, granted atomically. */
export interface SubscriptionRequest {
  readonly filters: readonly string[];
  /** Those of them that are never widened or shared. */
  readonly pinned?: readonly string[] | undefined;
  readonly target?: SharingTarget | undefined;
  /** The subscriber needs the retained messages too, so a filter that is subscribed to already is subscribed to again. */
  readonly retained?: boolean | undefined;
  readonly subscriber: Subscriber;
  /** Goes before those that wait: the subscriber had its subscriptions already. */
  readonly again?: boolean;
  /** Waits until the subscription limit allows it. Otherwise it is refused. */
  readonly waitForCapacity: boolean;
}
