import type { Clock, MonotonicMs } from "../../drivers/contract.ts";
import type { Change, PointView, Snapshot } from "./api.ts";
import {
  heartbeatAfterMs,
  stockPendingMax,
  streamBytesMax,
  streamEveryMs,
  streamsMax,
} from "./limits.ts";
import type { StockView } from "./stock-api.ts";

/** Where a stream goes: a response, as far as it matters here. */
export interface Screen {
  readonly writableLength: number;
  write(text: string): unknown;
  end(): unknown;
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

export interface EventStreamOptions {
  readonly clock: Clock;
  readonly snapshot: () => Snapshot;
  /** A screen was closed because it did not read. */
  readonly onSlow: () => void;
}

/** The server-sent events: a snapshot to each new screen, then what changed, together for all and twice a second at most. */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #screens = new Set<Screen>();
  readonly #closing = new AbortController();
  #pending: Change = {};
  #pendingPoints = new Map<string, PointView>();
  #pendingStock = new Map<string, StockView>();
  #scheduled = false;
  /** Counts flushes, so that a wait that one of them has overtaken does nothing. */
  #turn = 0;
  #beating = false;
  #sentAt: MonotonicMs = Number.NEGATIVE_INFINITY;
  #flushedAt: MonotonicMs = Number.NEGATIVE_INFINITY;
  #id = 0;

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  get screens(): number {
    return this.#screens.size;
  }

  get full(): boolean {
    return this.#screens.size >= streamsMax;
  }

  /** Sends the present state and from then on what changes. */
  add(screen: Screen): void {
    // What waits is in the snapshot already; flushing it first keeps the order for the others.
    if (this.#scheduled) this.#flush();
    this.#screens.add(screen);
    screen.once("close", () => this.#screens.delete(screen));
    const { clock, snapshot } = this.#options;
    this.#id += 1;
    this.#send(screen, `retry: 3000\n${eventText(this.#id, "snapshot", snapshot())}`);
    this.#sentAt = clock.monotonicMs();
    this.#keepBeating();
  }

  changed(change: Change): void {
    if (this.#screens.size === 0) return;
    const { points, stock, ...rest } = change;
    for (const point of points ?? []) this.#pendingPoints.set(point.key, point);
    for (const line of stock ?? []) this.#addStock(line);
    this.#pending = { ...this.#pending, ...rest };
    this.#schedule();
  }

  /** Sends all screens the present state, as to a new one. */
  refresh(): void {
    if (this.#screens.size === 0) return;
    if (this.#scheduled) this.#flush();
    this.#id += 1;
    this.#broadcast(eventText(this.#id, "snapshot", this.#options.snapshot()));
  }

  close(): void {
    this.#closing.abort();
    for (const screen of this.#screens) screen.end();
    this.#screens.clear();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const { clock } = this.#options;
    const waitMs = this.#flushedAt + streamEveryMs - clock.monotonicMs();
    const turn = this.#turn;
    this.#after(Math.max(0, waitMs), () => {
      if (turn === this.#turn) this.#flush();
    });
  }

  #flush(): void {
    this.#scheduled = false;
    this.#turn += 1;
    this.#flushedAt = this.#options.clock.monotonicMs();
    const points = [...this.#pendingPoints.values()];
    const stock = [...this.#pendingStock.values()];
    const change = {
      ...this.#pending,
      ...(points.length > 0 && { points }),
      ...(stock.length > 0 && { stock }),
    };
    this.#pending = {};
    this.#pendingPoints = new Map();
    this.#pendingStock = new Map();
    this.#id += 1;
    this.#broadcast(eventText(this.#id, "change", change));
  }

  #addStock(line: StockView): void {
    const key = `${line.location}/${line.item}`;
    if (this.#pendingStock.size < stockPendingMax || this.#pendingStock.has(key)) {
      this.#pendingStock.set(key, line);
    }
  }

  #broadcast(text: string): void {
    this.#sentAt = this.#options.clock.monotonicMs();
    for (const screen of this.#screens) this.#send(screen, text);
  }

  #send(screen: Screen, text: string): void {
    screen.write(text);
    if (screen.writableLength <= streamBytesMax) return;
    this.#screens.delete(screen);
    screen.destroy();
    this.#options.onSlow();
  }

  #keepBeating(): void {
    if (this.#beating || this.#screens.size === 0) return;
    this.#beating = true;
    const waitMs = this.#sentAt + heartbeatAfterMs - this.#options.clock.monotonicMs();
    this.#after(Math.max(0, waitMs), () => {
      this.#beating = false;
      const silentMs = this.#options.clock.monotonicMs() - this.#sentAt;
      // `data:` without text still dispatches the event in a browser; without the line it would not.
      if (silentMs >= heartbeatAfterMs) this.#broadcast("event: heartbeat\ndata:\n\n");
      this.#keepBeating();
    });
  }

  #after(ms: number, then: () => void): void {
    this.#options.clock.sleep(ms, this.#closing.signal).then(then, () => undefined);
  }
}

function eventText(id: number, name: string, data: unknown): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
