import type { Config } from "../config/schema/config.ts";
import type { Clock, Sample } from "../drivers/contract.ts";
import type { Annunciation } from "./annunciation.ts";
import type { Broker } from "./broker/broker.ts";
import { StockFeed } from "./broker/stock-feed.ts";
import type { Courier } from "./courier.ts";
import type { Published } from "./intake.ts";
import type { Change } from "./panel/api.ts";
import type { Panel } from "./panel/panel.ts";
import type { GatewayPanelSource } from "./panel-source.ts";
import type { RecordKeeper } from "./record-keeper.ts";
import type { Service } from "./runtime/service.ts";
import type { StockDesk } from "./stock/desk/stock-desk.ts";

export interface PublisherParts {
  readonly config: Pick<Config, "gateway">;
  readonly clock: Clock;
  readonly stock: StockDesk;
  readonly annunciation: Annunciation;
  readonly courier: Pick<Courier, "wake">;
  readonly records: Pick<RecordKeeper, "committed">;
  readonly broker: Service<Broker>;
  readonly panel: Service<Panel>;
  readonly source: GatewayPanelSource;
}

/** Everybody who waits for what became durable, in the order of their urgency: lamps, broker, screens. */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #stock: StockFeed;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#stock = new StockFeed({
      gatewayId: parts.config.gateway.id,
      stocked: () => parts.stock.parts.items.stocked(),
      view: (location, item) => parts.source.stock.view(location, item),
    });
  }

  published({ samples, live, alarms, touched, movements = [] }: Published): void {
    const { annunciation, broker, courier, records, source } = this.#parts;
    if (alarms !== undefined) {
      annunciation.update(alarms);
      courier.wake();
      broker.current?.publishAlarms(alarms);
      this.#show(() => ({ alarms: [...source.alarms()], notices: [...source.notices()] }));
    }
    if (touched.size > 0) this.#show(() => ({ stock: [...source.stock.views(touched)] }));
    records.committed(samples, live);
    if (live.length > 0) broker.current?.publishPoints(live);
    if (touched.size + movements.length === 0) return;
    this.#stock.changed(touched, movements);
    this.step();
  }

  /** Stock that waits for the broker, a little of it. */
  step(): void {
    const { broker, clock } = this.#parts;
    this.#stock.step(broker.current, clock.monotonicMs());
  }

  /** Values that a screen may show before they are on disk. */
  seen(samples: readonly Sample[]): void {
    const { source } = this.#parts;
    this.#show(() => ({ points: [...source.pointsOf(samples.map(({ point }) => point))] }));
  }

  outputsChanged(): void {
    this.#show(() => ({ outputs: [...this.#parts.source.outputs()] }));
  }

  /** What changes with time alone: the backlog, and what is wrong. */
  refresh(): void {
    const { source } = this.#parts;
    this.#show(() => ({ sync: source.sync(), notices: [...source.notices()] }));
  }

  /** In a flood of alarms each write of a lamp is a change: where nobody looks none is made up. */
  #show(change: () => Change): void {
    const panel = this.#parts.panel.current;
    if (panel?.isWatched === true) panel.changed(change());
  }
}
