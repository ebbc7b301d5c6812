import { statSync } from "node:fs";
import { join } from "node:path";
import type { Quality } from "../drivers/contract.ts";
import {
  counted,
  exposition,
  type GatewayMetric,
  gatewayMetrics,
  type Reading,
} from "./metrics-catalogue.ts";
import type { MachineFigures } from "./metrics-machine.ts";
import type { Tally } from "./metrics-tally.ts";
import type { AlarmView } from "./panel/api.ts";
import type { RoadView } from "./panel/sync-api.ts";
import { freeBytesOf } from "./store/ballast.ts";
import type { Losses } from "./store/losses.ts";
import { type ClockQuality, type Lane, type LaneStatus, lanes } from "./store/store.ts";
import type { SyncStatus } from "./store/sync-status.ts";

export interface MetricsInput {
  readonly tally: Pick<Tally, "readings">;
  readonly samplesTotal: number;
  readonly points: readonly Quality[];
  readonly alarms: readonly Pick<AlarmView, "state" | "priority">[];
  readonly problems: readonly string[];
  readonly lanes: Readonly<Record<Lane, LaneStatus>>;
  readonly storeRows: Readonly<Record<Lane, number>>;
  readonly storeBytes: number;
  readonly onDisk: boolean;
  readonly dataDir: string;
  readonly clockQuality: ClockQuality;
  readonly sync: SyncStatus | undefined;
  readonly roads: readonly RoadView[];
  readonly goneMs: number | undefined;
  readonly losses: Losses;
  readonly pushes: { readonly waiting: number; readonly dead: number; readonly dropped: number };
  readonly now: number;
  readonly machine: MachineFigures;
}

/** Counters in the text format of Prometheus (exposition format 0.0.4). */
export function metricsText(input: MetricsInput): string {
  return exposition("rackwatch_", gatewayMetrics, readingsOf(input));
}

function readingsOf(
  input: MetricsInput,
): Readonly<Partial<Record<GatewayMetric, readonly Reading[] | number | undefined>>> {
  const { dataDir, machine, now, losses, pushes } = input;
  const byLane = (of: (lane: Lane) => number | undefined): readonly Reading[] =>
    lanes.flatMap((lane) => {
      const value = of(lane);
      return value === undefined ? [] : [[{ lane }, value] as const];
    });
  return {
    ...input.tally.readings(),
    ...syncReadings(input),
    samples_received_total: input.samplesTotal,
    points: counted(input.points.map((quality) => ({ quality }))),
    alarms: counted(input.alarms.map(({ state, priority }) => ({ state, priority }))),
    problem: input.problems.map((part) => [{ part }, 1] as const),
    clock_quality: [[{ quality: input.clockQuality }, 1]],
    store_on_disk: input.onDisk ? 1 : 0,
    store_bytes: input.storeBytes,
    store_wal_bytes: bytesOf(join(dataDir, "gateway.db-wal")),
    store_ballast_bytes: bytesOf(join(dataDir, "gateway.ballast")),
    disk_free_bytes: freeBytesOf(dataDir),
    store_rows: byLane((lane) => input.storeRows[lane]),
    outbox_rows: byLane((lane) => input.lanes[lane].backlog),
    outbox_age_seconds: byLane((lane) => {
      const { backlog, oldestAt } = input.lanes[lane];
      return backlog === 0 || oldestAt === undefined ? 0 : Math.max(0, now - oldestAt) / 1_000;
    }),
    store_lost_rows_total: Object.entries(losses).map(
      ([reason, { rows }]): Reading => [{ reason }, rows],
    ),
    pushes: [
      [{ state: "waiting" }, pushes.waiting],
      [{ state: "dead" }, pushes.dead],
    ],
    pushes_dropped_total: pushes.dropped,
    process_resident_memory_bytes: machine.rssBytes,
    process_cpu_seconds_total: machine.cpuSeconds,
    process_written_bytes_total: machine.writtenBytes,
    process_start_time_seconds: machine.startedAt / 1_000,
    event_loop_delay_seconds: machine.loopDelaySeconds,
  };
}

function syncReadings({ sync, roads, goneMs, now }: MetricsInput) {
  const figures = sync?.figures;
  const age = (at: number | undefined) => (at === undefined ? undefined : (now - at) / 1_000);
  const perLane = (of: Readonly<Record<Lane, number>> | undefined) =>
    of === undefined ? undefined : lanes.map((lane): Reading => [{ lane }, of[lane]]);
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1_000);
  return {
    sync_batches_total: perLane(figures?.batches),
    sync_rows_total: perLane(figures?.rows),
    sync_bytes_total: perLane(figures?.bytes),
    sync_failures_total: Object.entries(figures?.failures ?? {}).map(
      ([code, times]): Reading => [{ code }, times],
    ),
    sync_gaps_total: figures?.gaps,
    sync_rejected_rows_total: figures?.rejectedRows,
    sync_rows_per_second: figures?.rowsPerSecond,
    sync_eta_seconds: seconds(figures?.etaMs),
    sync_contact_age_seconds: age(sync?.lastContactAt),
    sync_agent_age_seconds: age(figures?.at),
    sync_road_backlog_rows: roads.flatMap(({ name, backlog }) =>
      lanes.map((lane): Reading => [{ road: name, lane }, backlog[lane]]),
    ),
    sync_road_contact_age_seconds: roads.flatMap(({ name, lastContactAt }): Reading[] =>
      lastContactAt === undefined ? [] : [[{ road: name }, (now - lastContactAt) / 1_000]],
    ),
    sync_road_problem: roads.flatMap(({ name, problem }): Reading[] =>
      problem === undefined ? [] : [[{ road: name, code: problem.code }, 1]],
    ),
    sync_gone_seconds: seconds(goneMs),
  };
}

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
