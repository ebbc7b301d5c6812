import type { Clock, PointKey, Sample } from "../drivers/contract.ts";
import type { Annunciation } from "./annunciation.ts";
import type { Brain } from "./brain.ts";
import type { Broker } from "./broker/broker.ts";
import { StockFeed } from "./broker/stock-feed.ts";
import type { Courier } from "./courier.ts";
import type { Published } from "./intake.ts";
import type { LatestSamples } from "./latest.ts";
import type { Change } from "./panel/api.ts";
import type { Panel } from "./panel/panel.ts";
import type { Service } from "./runtime/service.ts";

export interface PublisherParts {
  readonly gatewayId: string;
  readonly clock: Clock;
  readonly latest: LatestSamples;
  readonly annunciation: Annunciation;
  readonly courier: Pick<Courier, "wake">;
  readonly broker: Service<Broker>;
  readonly panel: Service<Panel>;
  /** What is published from at present. */
  readonly now: () => Pick<Brain, "alarms" | "stock" | "records" | "source">;
}

/** Everybody who waits for what became durable, in the order of their urgency: lamps, broker, screens. */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #stock: StockFeed;
  /** The broker that was told how things stand; another one has retained nothing. */
  #told: Broker | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#stock = new StockFeed({
      gatewayId: parts.gatewayId,
      stocked: () => parts.now().stock.parts.items.stocked(),
      view: (location, item) => parts.now().source.stock.view(location, item),
    });
  }

  /** Another configuration: what is gone is retained no more, and screens are shown everything anew. */
  switched(gone: Iterable<PointKey>): void {
    const { broker, panel, now } = this.#parts;
    broker.current?.clearPoints(gone);
    broker.current?.publishAlarms(now().alarms.list());
    this.#stock.again();
    panel.current?.refresh();
  }

  published({ samples, live, alarms, touched, movements = [] }: Published): void {
    const { annunciation, broker, courier, now } = this.#parts;
    const { records, source } = now();
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
    const { broker, clock, latest, now } = this.#parts;
    if (broker.current !== this.#told) {
      this.#told = broker.current;
      this.#told?.publishAlarms(now().alarms.list());
      this.#told?.publishPoints(latest.all().map(({ sample }) => sample));
    }
    this.#stock.step(broker.current, clock.monotonicMs());
  }

  /** Values that a screen may show before they are on disk. */
  seen(samples: readonly Sample[]): void {
    const { source } = this.#parts.now();
    this.#show(() => ({ points: [...source.pointsOf(samples.map(({ point }) => point))] }));
  }

  outputsChanged(): void {
    this.#show(() => ({ outputs: [...this.#parts.now().source.outputs()] }));
  }

  /** What changes with time alone: the backlog, and what is wrong. */
  refresh(): void {
    const { source } = this.#parts.now();
    this.#show(() => ({ sync: source.sync(), notices: [...source.notices()] }));
  }

  /** In a flood of alarms each write of a lamp is a change: where nobody looks none is made up. */
  #show(change: () => Change): void {
    const panel = this.#parts.panel.current;
    if (panel?.isWatched === true) panel.changed(change());
  }
}
