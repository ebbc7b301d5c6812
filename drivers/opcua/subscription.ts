import type {
  ClientMonitoredItemBase,
  ClientSession,
  ClientSubscription,
  DataValue,
  MonitoringParametersOptions,
  NodeId,
  Variant,
} from "node-opcua";
import type { Log } from "../contract.ts";
import type { Library } from "./library.ts";
import type { Resolver } from "./resolve.ts";
import type { Target } from "./targets.ts";

/** A target whose node the server knows. */
export interface Watched {
  readonly target: Target;
  readonly nodeId: NodeId;
  /** For events: their type. */
  readonly eventType: NodeId | undefined;
}

export interface SubscriptionParts {
  readonly library: Library;
  readonly session: ClientSession;
  readonly resolver: Resolver;
  readonly log: Log;
  readonly publishingMs: number;
  readonly value: (target: Target, value: DataValue) => void;
  readonly event: (target: Target, fields: readonly Variant[]) => void;
  /** The server is heard of. */
  readonly heard: () => void;
  /** The server has ended the subscription. */
  readonly ended: (why: string) => void;
}

/** Items in one request: a PLC has little memory. */
const itemsPerRequestMax = 100;

/** A server with nothing to tell says so at least this often. */
const keepAliveMs = 3_000;

/** Without a sign of the client for so many publications a server drops the subscription. */
const lifetimeCount = 300;

/** Notifications in one message: a burst is cut into several instead of one of many megabytes. */
const notificationsMax = 1_000;

/** A subscription with items. What the server refuses comes back to be polled. */
export class Subscription {
  readonly #parts: SubscriptionParts;
  readonly #subscription: ClientSubscription;

  private constructor(parts: SubscriptionParts, subscription: ClientSubscription) {
    this.#parts = parts;
    this.#subscription = subscription;
    subscription.on("received_notifications", parts.heard);
    subscription.on("keepalive", parts.heard);
    subscription.on("terminated", () => parts.ended("The server ended the subscription"));
    subscription.on("status_changed", (status) =>
      parts.ended(`The server ended the subscription: ${status.name}`),
    );
    subscription.on("internal_error", (error) => parts.log.debug("opcua", { err: error }));
    subscription.on("error", (error) => parts.log.debug("opcua", { err: error }));
  }

  /** @throws Error of the library when the server refuses subscriptions. */
  static async create(parts: SubscriptionParts): Promise<Subscription> {
    const { session, publishingMs } = parts;
    const subscription = await session.createSubscription2({
      requestedPublishingInterval: publishingMs,
      requestedMaxKeepAliveCount: Math.max(1, Math.round(keepAliveMs / publishingMs)),
      requestedLifetimeCount: lifetimeCount,
      maxNotificationsPerPublish: notificationsMax,
      publishingEnabled: true,
    });
    return new Subscription(parts, subscription);
  }

  /** Longest time in milliseconds between two signs of life, as the server has granted it. */
  get keepAliveMs(): number {
    return this.#subscription.publishingInterval * this.#subscription.maxKeepAliveCount;
  }

  /** @returns what the server refuses to monitor, with its reason. */
  async monitor(
    watched: readonly Watched[],
  ): Promise<readonly { readonly watched: Watched; readonly reason: string }[]> {
    const refused: { watched: Watched; reason: string }[] = [];
    const groups = Map.groupBy(watched, groupKey);
    for (const members of groups.values()) {
      for (let at = 0; at < members.length; at += itemsPerRequestMax) {
        refused.push(...(await this.#create(members.slice(at, at + itemsPerRequestMax), true)));
      }
    }
    return refused;
  }

  async #create(members: readonly Watched[], withDeadband: boolean) {
    const parameters = members[0] && this.#parameters(members[0], withDeadband);
    if (parameters === undefined) {
      return members.map((watched) => ({ watched, reason: "unknown event field" }));
    }
    const { AttributeIds, TimestampsToReturn } = this.#parts.library;
    const isEvent = members[0]?.target.event !== undefined;
    const group = await this.#subscription.monitorItems(
      members.map(({ nodeId }) => ({
        nodeId,
        attributeId: isEvent ? AttributeIds.EventNotifier : AttributeIds.Value,
      })),
      parameters,
      TimestampsToReturn.Both,
    );
    const refused: { watched: Watched; reason: string }[] = [];
    const again: Watched[] = [];
    group.on("changed", (_item, given, index) => {
      const target = members[index]?.target;
      if (target !== undefined) this.#take(target, given);
    });
    for (const [index, watched] of members.entries()) {
      const reason = refusalOf(group.monitoredItems[index]);
      if (reason === undefined) continue;
      if (withDeadband && isDeadbandFault(reason)) again.push(watched);
      else refused.push({ watched, reason });
    }
    if (again.length > 0) refused.push(...(await this.#withoutDeadband(again)));
    return refused;
  }

  async #withoutDeadband(members: readonly Watched[]) {
    const points = members.map(({ target }) => target.key);
    this.#parts.log.warn("opcua deadband refused, every change is taken", { points });
    return this.#create(members, false);
  }

  /** The library declares values only, and hands the fields of events the same way. */
  #take(target: Target, given: DataValue | readonly Variant[]): void {
    if ("statusCode" in given) this.#parts.value(target, given);
    else this.#parts.event(target, given);
  }

  #parameters(
    { target, eventType }: Watched,
    withDeadband: boolean,
  ): MonitoringParametersOptions | undefined {
    const { queue, samplingMs, event } = target;
    if (event === undefined) {
      const filter = this.#filter(target, withDeadband);
      return { samplingInterval: samplingMs, queueSize: queue, discardOldest: true, filter };
    }
    const filter = eventType === undefined ? undefined : this.#eventFilter(event, eventType);
    if (filter === undefined) return undefined;
    return { samplingInterval: 0, queueSize: eventsQueued, discardOldest: true, filter };
  }

  #filter({ point: { deadband } }: Target, withDeadband: boolean) {
    const { DataChangeFilter, DataChangeTrigger, DeadbandType } = this.#parts.library;
    const trigger = DataChangeTrigger.StatusValue;
    if (deadband === undefined || !withDeadband) return new DataChangeFilter({ trigger });
    const isAbsolute = "absolute" in deadband;
    return new DataChangeFilter({
      trigger,
      deadbandType: isAbsolute ? DeadbandType.Absolute : DeadbandType.Percent,
      deadbandValue: isAbsolute ? deadband.absolute : deadband.percent,
    });
  }

  #eventFilter({ field }: NonNullable<Target["event"]>, eventType: NodeId) {
    const { constructEventFilter, ofType } = this.#parts.library;
    const name = this.#parts.resolver.qualifiedName(field);
    if (name === undefined) return undefined;
    const time = { namespaceIndex: 0, name: "Time" };
    return constructEventFilter([[time], [name]], ofType(eventType));
  }
}

/** Events that a server keeps for us between two publications: a gate reads some hundred tags in a second. */
const eventsQueued = 1_000;

/** Items of one request share their parameters. */
function groupKey({ target, eventType }: Watched): string {
  const { point, samplingMs, queue, event } = target;
  const source = event === undefined ? [] : [event.field, String(eventType)];
  return JSON.stringify([samplingMs, queue, point.deadband ?? null, source]);
}

function refusalOf(item: ClientMonitoredItemBase | undefined): string | undefined {
  const status = item?.statusCode;
  return status === undefined || status.isGood() ? undefined : status.name;
}

/** What servers say to a deadband on a node without EURange, or that is no number (OPC 10000-4, 5.13.2.4). */
function isDeadbandFault(reason: string | undefined): boolean {
  return (
    reason === "BadDeadbandFilterInvalid" ||
    reason === "BadMonitoredItemFilterUnsupported" ||
    reason === "BadMonitoredItemFilterInvalid" ||
    reason === "BadFilterNotAllowed"
  );
}
