import { z } from "zod";
import type { EpochMs } from "../../../drivers/contract.ts";
import { type Order, orderSchema, stockKeys } from "../movement.ts";
import { StockRefusal } from "../stock-refusal.ts";
import { type StockedKey, stockedKey } from "../stocked.ts";
import { type Journal, put } from "./journal.ts";
import { exact } from "./quantity.ts";

/** Deliveries of an item whose lead time is remembered: more would weigh years that are over. */
export const deliveriesMax = 50;

/** Orders and reservations in memory, closed ones included; above `ordersMax` a further one is refused. */
export const ordersMax = 20_000;

/** From so many on closed ones are forgotten, the oldest first; an old file would then open them again. */
export const closedOrdersFrom = 10_000;

const deliveriesSchema = z.strictObject({
  version: z.literal(1),
  /** Ordered and received. */
  pairs: z.array(z.tuple([z.number(), z.number()])).max(deliveriesMax),
});

export interface Delivery {
  readonly orderedAt: EpochMs;
  readonly receivedAt: EpochMs;
}

export interface OpenOrders {
  readonly onOrder: number;
  readonly reserved: number;
  /** The first promised date of what is on order; absent: there is none, or nobody promised one. */
  readonly deliveryAt?: EpochMs;
}

/** What is under way and what is promised. */
export class OrderBook {
  readonly #orders = new Map<string, Order>();
  readonly #byDocument = new Map<string, Set<string>>();
  readonly #byPlace = new Map<StockedKey, Set<string>>();
  readonly #deliveries = new Map<string, readonly (readonly [EpochMs, EpochMs])[]>();
  readonly unreadable: readonly string[];

  constructor(saved: ReadonlyMap<string, unknown>) {
    const unreadable: string[] = [];
    for (const [key, value] of saved) {
      if (key.startsWith(stockKeys.delivery)) {
        const { success, data } = deliveriesSchema.safeParse(value);
        if (success) this.#deliveries.set(key.slice(stockKeys.delivery.length), data.pairs);
        else unreadable.push(key);
        continue;
      }
      const { success, data } = orderSchema.safeParse(value);
      if (!success) {
        unreadable.push(key);
        continue;
      }
      this.#orders.set(key, data);
      this.#index(data);
    }
    this.unreadable = unreadable;
  }

  /** Those with an open quantity. */
  list(): readonly Order[] {
    return [...this.#orders.values()].filter(({ quantity }) => quantity > 0);
  }

  /** Open quantities of an item at a place. */
  openOf(key: StockedKey): OpenOrders {
    let onOrder = 0;
    let reserved = 0;
    let deliveryAt = Number.POSITIVE_INFINITY;
    for (const id of this.#byPlace.get(key) ?? []) {
      const order = this.#orders.get(id);
      if (order?.kind === "order") {
        onOrder += order.quantity;
        if (order.quantity > 0) deliveryAt = Math.min(deliveryAt, order.due ?? deliveryAt);
      } else reserved += order?.quantity ?? 0;
    }
    return {
      onOrder: exact(onOrder),
      reserved: exact(reserved),
      ...(Number.isFinite(deliveryAt) && { deliveryAt }),
    };
  }

  /** The last ones of an item, oldest first. */
  deliveries(item: string): readonly Delivery[] {
    const pairs = this.#deliveries.get(item) ?? [];
    return pairs.map(([orderedAt, receivedAt]) => ({ orderedAt, receivedAt }));
  }

  /**
   * The same document and line replaces; quantity 0 closes. What was said before already changes nothing, also when
   * goods have come of it since.
   * @returns what it touched.
   * @throws RackwatchError `stock/refused` when too many are open.
   */
  set(order: Order, journal: Journal): readonly StockedKey[] {
    const before = this.#orders.get(orderKey(order));
    const quantity = exact(order.quantity);
    const after: Order = { ...order, quantity, given: quantity };
    if (before === undefined ? quantity === 0 : saysTheSame(before, after)) return [];
    if (before === undefined && this.#orders.size >= ordersMax) {
      throw new StockRefusal("tooManyOrders", { max: ordersMax }, order.document);
    }
    const receivedAt = before?.receivedAt;
    this.#write({ ...after, ...(receivedAt !== undefined && { receivedAt }) }, journal);
    return [...(before === undefined ? [] : [placeOf(before)]), placeOf(after)];
  }

  /** Goods came or went by a document: its open lines are fulfilled, those of this place first. @returns keys touched. */
  fulfil(
    kind: Order["kind"],
    { document, item, location, quantity, at }: Fulfilment,
    journal: Journal,
  ): readonly StockedKey[] {
    const lines = [...(this.#byDocument.get(document) ?? [])]
      .flatMap((key) => this.#orders.get(key) ?? [])
      .filter((order) => order.kind === kind && order.item === item && order.quantity > 0)
      .sort((a, b) => Number(b.location === location) - Number(a.location === location));
    const touched: StockedKey[] = [];
    let rest = quantity;
    for (const order of lines) {
      if (rest <= 0) break;
      const some = Math.min(rest, order.quantity);
      rest = exact(rest - some);
      if (kind === "order" && order.receivedAt === undefined) this.#learn(order, at, journal);
      const receivedAt = order.receivedAt ?? at;
      this.#write({ ...order, quantity: exact(order.quantity - some), receivedAt }, journal);
      touched.push(stockedKey(order.location, order.item));
    }
    return touched;
  }

  #learn({ item, orderedAt }: Order, receivedAt: EpochMs, journal: Journal): void {
    if (orderedAt === undefined || receivedAt <= orderedAt) return;
    const pairs = [...(this.#deliveries.get(item) ?? []), [orderedAt, receivedAt] as const];
    const last = pairs.slice(-deliveriesMax);
    put(this.#deliveries, item, last, journal);
    journal.write(stockKeys.delivery + item, { version: 1, pairs: last });
  }

  #write(order: Order, journal: Journal): void {
    const key = orderKey(order);
    const before = this.#orders.get(key);
    if (before !== undefined) this.#byPlace.get(placeOf(before))?.delete(key);
    put(this.#orders, key, order, journal);
    this.#index(order);
    journal.undo(() => {
      this.#byPlace.get(placeOf(order))?.delete(key);
      if (before !== undefined) this.#index(before);
    });
    journal.write(key, order);
    if (order.quantity === 0) this.#trim(journal);
  }

  #trim(journal: Journal): void {
    if (this.#orders.size <= closedOrdersFrom) return;
    const over = this.#orders.size - closedOrdersFrom;
    const closed = [...this.#orders].filter(([, { quantity }]) => quantity === 0);
    for (const [key, order] of closed.slice(0, over)) {
      put(this.#orders, key, undefined, journal);
      this.#byDocument.get(order.document)?.delete(key);
      journal.undo(() => this.#index(order));
      journal.write(key, undefined);
    }
  }

  #index(order: Order): void {
    const key = orderKey(order);
    add(this.#byDocument, order.document, key);
    if (order.quantity > 0) add(this.#byPlace, placeOf(order), key);
  }
}

interface Fulfilment {
  readonly document: string;
  readonly item: string;
  readonly location: string;
  readonly quantity: number;
  readonly at: EpochMs;
}

const said = ["kind", "item", "location", "due", "supplier", "orderedAt"] as const;

function saysTheSame(before: Order, after: Order): boolean {
  const given = before.given ?? before.quantity;
  return given === after.quantity && said.every((key) => before[key] === after[key]);
}

function placeOf({ location, item }: Order): StockedKey {
  return stockedKey(location, item);
}

function orderKey({ document, line }: Pick<Order, "document" | "line">): string {
  return `${stockKeys.order}${encodeURIComponent(document)}/${encodeURIComponent(line)}`;
}

function add<Key>(index: Map<Key, Set<string>>, key: Key, value: string): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}
