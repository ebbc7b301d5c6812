import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import { History } from "../record/history.ts";
import { historyName } from "../record/history-file.ts";
import { storeError } from "../store/failure.ts";
import { lookBackMs, type ReadingSink, sliceReadingsMax } from "./reading.ts";

/** A slice of a point's record that is in memory at once: one segment or two. */
const sliceMs = 86_400_000;

/** How long a read waits for the gateway, which writes for some milliseconds at a time. */
const busyMs = 5_000;

/** The records of regulated points, read beside the gateway or without it. */
export class RecordReader implements Disposable {
  readonly #file: string;
  readonly #db: Database.Database | undefined;
  readonly #history: History | undefined;

  /** @throws RackwatchError `store/...` when there is a history.db that cannot be read. */
  constructor(dir: string) {
    this.#file = join(dir, historyName);
    if (!existsSync(this.#file)) return;
    try {
      this.#db = new Database(this.#file, { readonly: true, timeout: busyMs });
      this.#history = new History(this.#db);
    } catch (error) {
      throw storeError(error, this.#file);
    }
  }

  get exists(): boolean {
    return this.#db !== undefined;
  }

  /** @throws RackwatchError `store/...`. */
  read(point: PointKey, from: EpochMs, to: EpochMs, sink: ReadingSink): void {
    const history = this.#history;
    if (history === undefined) return;
    try {
      for (let begin = from - lookBackMs; begin < to; begin += sliceMs) {
        const end = Math.min(begin + sliceMs, to);
        this.#slice(history, point, begin, end, sink);
      }
    } catch (error) {
      throw storeError(error, this.#file);
    }
  }

  [Symbol.dispose](): void {
    this.#db?.close();
  }

  #slice(history: History, point: PointKey, from: EpochMs, to: EpochMs, sink: ReadingSink): void {
    let begin = from;
    for (;;) {
      const page = history.read(point, begin, to - 0.001, sliceReadingsMax);
      for (const { from: start, to: end } of page.damaged) {
        sink.damaged({ from: Math.max(start, from), to: Math.min(end, to) });
      }
      for (const record of page.records) {
        const { at, quality, place, clock, value, raw, reason, calibration, late } = record;
        const { correctedMs } = record;
        sink.take({
          ...{ at, quality, place, clock, late: late === true },
          ...(value !== undefined && { value }),
          ...(raw !== undefined && { raw }),
          ...(reason !== undefined && { reason }),
          ...(calibration !== undefined && { calibration }),
          ...(correctedMs !== undefined && { correctedMs }),
        });
      }
      const last = page.records.at(-1);
      if (page.complete || last === undefined) return;
      begin = last.at + 0.001;
    }
  }
}
