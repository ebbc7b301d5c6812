import type { Sample } from "../drivers/contract.ts";
import type { Annunciation } from "./annunciation.ts";
import type { Broker } from "./broker/broker.ts";
import type { Courier } from "./courier.ts";
import type { Published } from "./intake.ts";
import type { Change } from "./panel/api.ts";
import type { Panel } from "./panel/panel.ts";
import type { GatewayPanelSource } from "./panel-source.ts";
import type { RecordKeeper } from "./record-keeper.ts";
import type { Service } from "./runtime/service.ts";

export interface PublisherParts {
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

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  published({ samples, live, alarms, touched }: Published): void {
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
