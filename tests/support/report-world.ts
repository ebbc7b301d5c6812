import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { History } from "../../gateway/record/history.ts";
import { openHistory } from "../../gateway/record/history-file.ts";
import type { PointRecord } from "../../gateway/record/record.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import type { ClockMark, Commit, GatewayEvent } from "../../gateway/store/store.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export const room: PointKey = "cold-1/temperature";
export const shelf: PointKey = "cold-1/shelf";

const yaml = (timezone: string) => `version: 1
gateway: { id: wh1, name: 一号仓, timezone: ${timezone}, language: zh }
channels:
  line:
    driver: modbus
    port: tcp://127.0.0.1:1502
    devices:
      cold-1:
        unitId: 1
        every: 60s
        points:
          temperature:
            { name: 冷库温度, unit: Cel, table: input, address: 0, type: int16, calibrated: { on: 2025-03-01, certificate: JL-2025-7 } }
          shelf: { name: 货架温度, unit: Cel, table: input, address: 1, type: int16 }
          door: { name: 库门, table: discrete, address: 0 }
locations:
  cold-1:
    kind: room
    name: 一号冷库
    profile: vaccine-2-8
    temperature: cold-1/temperature
    points: [cold-1/shelf, cold-1/door]
rules:
  shelf-warm: { point: cold-1/shelf, above: 8, priority: high }
`;

/** A data folder as a gateway leaves it, and its configuration. */
export class ReportWorld implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), "rackwatch-report-"));
  readonly configFile = join(this.dir, "gateway.yaml");
  readonly #mark: ClockMark = { boot: "b1", offsetMs: 0, quality: "synchronized" };

  constructor(timezone = "Asia/Shanghai") {
    writeFileSync(this.configFile, yaml(timezone));
  }

  /** Records of the room as history.db keeps them. */
  record(records: readonly PointRecord[]): void {
    const { db } = openHistory(this.dir, 0, false);
    const history = new History(db);
    history.write(records, new Map(), { epoch: "e", seq: 0 });
    history.close();
  }

  /** What the log of samples and events keeps; each call is one commit. */
  commit(
    samples: readonly Sample[],
    events: readonly GatewayEvent[] = [],
    more: Partial<Pick<Commit, "clock" | "state">> = {},
  ): void {
    const { log } = memoryLog();
    const { store } = openStore({ dir: this.dir, gatewayId: "wh1", clock: new ManualClock(), log });
    store.commit({ clock: this.#mark, state: new Map(), ...more, samples, events });
    store[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A record of the room. */
export function recordAt(at: number, value: number | undefined, more: Partial<PointRecord> = {}) {
  const base = { point: room, at, clock: "synchronized", location: "cold-1" } as const;
  if (value === undefined) {
    return { ...base, place: "gap", quality: "bad", reason: "timeout", ...more } as const;
  }
  const place = value > 8 || value < 2 ? "outside" : "inside";
  return { ...base, place, quality: "good", value, calibration: "JL-2025-7", ...more } as const;
}

/** A record each `everyMs`, and each two minutes out of range. */
export function recordsOf(
  from: number,
  to: number,
  valueAt: (at: number) => number,
  everyMs: number,
) {
  const records: PointRecord[] = [];
  for (let at = from; at < to; ) {
    const record = recordAt(at, valueAt(at));
    records.push(record);
    at += record.place === "outside" ? 2 * minute : everyMs;
  }
  return records;
}

export function sampleAt(at: number, value: number | undefined, point = shelf): Sample {
  return value === undefined
    ? { point, sampledAt: at, quality: "bad", reason: "open" }
    : { point, sampledAt: at, quality: "good", value };
}

/** A transition of the alarm of the shelf. */
export function alarmAt(
  at: number,
  cause: string,
  more: Record<string, unknown> = {},
): GatewayEvent {
  const body = {
    ...{
      alarm: "shelf-warm#1",
      rule: "shelf-warm",
      from: "normal",
      to: "unacknowledged",
      at,
      cause,
    },
    ...{ priority: "high", message: "货架超温", point: shelf, value: 8.6, ...more },
  };
  return { kind: "alarm", at, mono: at, body };
}
