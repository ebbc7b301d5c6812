import { crc32 } from "node:zlib";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { StockView } from "../panel/stock-api.ts";
import type { Movement } from "../stock/movement.ts";
import { type Stocked, type StockedKey, stockedKey } from "../stock/stocked.ts";
import type { Broker } from "./broker.ts";
import { movementsWaitingMax, stockAgainMs, stockMessagesPerStepMax } from "./limits.ts";
import { leftOutMessage, movementMessage, stockMessage, stockTopic } from "./messages.ts";

export interface StockFeedParts {
  readonly gatewayId: string;
  readonly stocked: () => Iterable<Stocked>;
  /** The line as it stands; undefined: the item is not kept there. */
  readonly view: (location: string, item: string) => StockView | undefined;
}

type Outlet = Pick<Broker, "publishStock" | "publishMovement">;

/**
 * Stock on its way to the broker, a little at a time: movements, then what changed, then everything else once after the
 * broker opened and once an hour. A line that says what it said before is not told again.
 */
export class StockFeed {
  readonly #parts: StockFeedParts;
  /** The broker that was told; another one has retained nothing. */
  #outlet: Outlet | undefined;
  #movements: Movement[] = [];
  #leftOut = 0;
  readonly #changed = new Set<StockedKey>();
  /** What is left of the round over all lines. */
  #round: Iterator<Stocked> | undefined;
  #roundAt: MonotonicMs = 0;
  /** Fingerprint of what each topic last said. */
  readonly #told = new Map<StockedKey, number>();

  constructor(parts: StockFeedParts) {
    this.#parts = parts;
  }

  /** What became durable. Without a broker there is nobody to tell, and one that opens is told everything. */
  changed(touched: Iterable<StockedKey>, movements: readonly Movement[]): void {
    if (this.#outlet === undefined) return;
    for (const key of touched) this.#changed.add(key);
    for (const movement of movements) this.#movements.push(movement);
    const over = this.#movements.length - movementsWaitingMax;
    if (over <= 0) return;
    this.#movements.splice(0, over);
    this.#leftOut += over;
  }

  /** Other lines may be kept now: a round over all of them begins with the next step. */
  again(): void {
    this.#roundAt = Number.NEGATIVE_INFINITY;
    this.#round = undefined;
  }

  /** Tells so much as one step may. */
  step(outlet: Outlet | undefined, mono: MonotonicMs): void {
    if (outlet !== this.#outlet) this.#begin(outlet);
    if (outlet === undefined) return;
    const { gatewayId } = this.#parts;
    let left = stockMessagesPerStepMax;
    if (this.#leftOut > 0) {
      outlet.publishMovement(leftOutMessage(gatewayId, this.#leftOut));
      this.#leftOut = 0;
    }
    for (const movement of this.#movements.splice(0, left)) {
      outlet.publishMovement(movementMessage(gatewayId, movement));
      left -= 1;
    }
    for (const key of this.#changed) {
      if (left <= 0) return;
      this.#changed.delete(key);
      this.#tell(outlet, key);
      left -= 1;
    }
    if (this.#round === undefined && mono - this.#roundAt >= stockAgainMs) this.#goRound(mono);
    while (this.#round !== undefined && left > 0) {
      const { value, done } = this.#round.next();
      if (done === true) this.#endRound(outlet);
      else this.#tell(outlet, stockedKey(value.location, value.item.id));
      left -= 1;
    }
  }

  #begin(outlet: Outlet | undefined): void {
    this.#outlet = outlet;
    this.#movements = [];
    this.#leftOut = 0;
    this.#changed.clear();
    this.#told.clear();
    this.#round = undefined;
    this.#roundAt = Number.NEGATIVE_INFINITY;
  }

  #goRound(mono: MonotonicMs): void {
    this.#round = this.#parts.stocked()[Symbol.iterator]();
    this.#roundAt = mono;
  }

  /** What is kept no more is no longer retained. */
  #endRound(outlet: Outlet): void {
    this.#round = undefined;
    const kept = new Set<StockedKey>();
    for (const { location, item } of this.#parts.stocked()) kept.add(stockedKey(location, item.id));
    for (const key of this.#told.keys()) if (!kept.has(key)) this.#clear(outlet, key);
  }

  #tell(outlet: Outlet, key: StockedKey): void {
    const [location = "", item = ""] = key.split("/");
    const view = this.#parts.view(location, item);
    if (view === undefined) {
      this.#clear(outlet, key);
      return;
    }
    const message = stockMessage(this.#parts.gatewayId, view);
    const print = fingerprint(message.payload);
    if (this.#told.get(key) === print) return;
    this.#told.set(key, print);
    outlet.publishStock(message);
  }

  #clear(outlet: Outlet, key: StockedKey): void {
    if (!this.#told.delete(key)) return;
    outlet.publishStock({ topic: stockTopic(this.#parts.gatewayId, key), payload: "" });
  }
}

/** Of payloads that follow one another on one topic. The length makes a chance match of the checksum rarer still. */
function fingerprint(payload: string): number {
  return (payload.length % 65_536) * 2 ** 32 + crc32(payload);
}
