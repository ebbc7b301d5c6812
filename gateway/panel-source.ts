import type { Readable } from "node:stream";
import type { EpochMs, Log, PointKey, Sample } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { alarmLimits } from "./alarm-limits.ts";
import type { Annunciation } from "./annunciation.ts";
import type { HealthBook } from "./health/health-book.ts";
import { isHealthRule } from "./health/health-rules.ts";
import type { LatestSamples } from "./latest.ts";
import { metricsText } from "./metrics.ts";
import type { Tally } from "./metrics-tally.ts";
import type {
  AlarmView,
  GatewayView,
  NoticeView,
  OutputView,
  PointView,
  SampleView,
  SyncView,
} from "./panel/api.ts";
import type { AuditAction, PanelSource } from "./panel/source.ts";
import type { SyncDetail } from "./panel/sync-api.ts";
import { PanelConfigurations, type PanelConfigurationsParts } from "./panel-configurations.ts";
import { PanelResponse, type PanelResponseParts } from "./panel-response.ts";
import { PanelStock, type PanelStockParts } from "./panel-stock.ts";
import type { Point } from "./point-book.ts";
import { type ReportAsked, ReportDesk } from "./report/report-desk.ts";
import type { Rule } from "./rules/rule.ts";
import { readInsight } from "./store/insight.ts";
import type { ClockQuality, Lane, Store } from "./store/store.ts";
import { SyncDesk } from "./sync-desk.ts";
import type { SyncWatch } from "./sync-watch.ts";

export interface PanelSourceParts
  extends Omit<PanelResponseParts, "views" | "store">,
    Omit<PanelStockParts, "store">,
    PanelConfigurationsParts {
  readonly rules: readonly Rule[];
  readonly latest: LatestSamples;
  readonly annunciation: Annunciation;
  readonly health: HealthBook;
  readonly store: Store & { readonly onDisk: boolean };
  readonly tally: Tally;
  readonly syncWatch: SyncWatch;
  readonly clockQuality: () => ClockQuality;
  readonly startedAt: EpochMs;
  readonly log: Log;
}

/** What the panel shows, looked up when it is asked for: nothing here is a second copy. */
export class GatewayPanelSource implements PanelSource {
  readonly response: PanelResponse;
  readonly stock: PanelStock;
  readonly configurations: PanelConfigurations;
  readonly #parts: PanelSourceParts;
  readonly #limits: ReturnType<typeof alarmLimits>;
  readonly #reports: ReportDesk;
  readonly #syncDesk: SyncDesk;

  constructor(parts: PanelSourceParts) {
    this.#parts = parts;
    this.response = new PanelResponse({ ...parts, views: () => this.alarms() });
    this.stock = new PanelStock(parts);
    this.configurations = new PanelConfigurations(parts);
    this.#syncDesk = new SyncDesk(parts);
    this.#reports = new ReportDesk({
      ...parts,
      written: (by, fields) => this.audit("report", by, fields),
    });
    // A part of the gateway that is unwell has no limit that would say anything to a person.
    this.#limits = alarmLimits(parts.rules.filter((rule) => !isHealthRule(rule)));
  }

  gateway(): GatewayView {
    const { config, clock, startedAt } = this.#parts;
    const { id, name, language, timezone } = config.gateway;
    const locations = Object.entries(config.locations).map(([key, location]) => ({
      id: key,
      kind: location.kind,
      points: [...location.points],
      ...(location.name === undefined ? {} : { name: location.name }),
      ...(location.within === undefined ? {} : { within: location.within }),
      ...(location.weight === undefined ? {} : { weight: location.weight }),
    }));
    return {
      id,
      language,
      timezone,
      startedAt,
      now: clock.now(),
      clock: this.#parts.clockQuality(),
      locations,
      ...(name === undefined ? {} : { name }),
    };
  }

  points(): readonly PointView[] {
    return [...this.#parts.points.values()]
      .filter(({ access }) => access !== "write")
      .map((point) => this.#view(point));
  }

  /** The views of some points only; what is no point of the configuration is left out. */
  pointsOf(keys: Iterable<PointKey>): readonly PointView[] {
    return [...new Set(keys)].flatMap((key) => {
      const point = this.#parts.points.get(key);
      return point === undefined || point.access === "write" ? [] : [this.#view(point)];
    });
  }

  alarms(): readonly AlarmView[] {
    return this.#parts.alarms.list().map((alarm) => {
      const limit = this.#limits.get(alarm.rule);
      return limit === undefined ? alarm : { ...alarm, limit };
    });
  }

  outputs(): readonly OutputView[] {
    return this.#parts.annunciation.views();
  }

  sync(): SyncView {
    const { config, store, syncWatch } = this.#parts;
    const { lastContactAt, problem, figures } = syncWatch.status ?? {};
    return {
      configured: config.sync !== undefined,
      epoch: store.outbox.epoch,
      lanes: { events: store.status("events"), samples: store.status("samples") },
      ...(lastContactAt === undefined ? {} : { lastContactAt }),
      ...(problem === undefined ? {} : { problem: problem.message }),
      ...(problem?.todo === undefined ? {} : { todo: problem.todo }),
      ...(figures?.etaMs === undefined ? {} : { etaMs: figures.etaMs }),
    };
  }

  syncDetail(): SyncDetail {
    return this.#syncDesk.detail(this.sync());
  }

  notices(): readonly NoticeView[] {
    return this.#parts.health.notices();
  }

  history(point: PointKey, from: EpochMs, to: EpochMs, limit: number): readonly SampleView[] {
    return this.#parts.store.history(point, from, to, limit);
  }

  acknowledge(alarm: string, person: string, comment: string | undefined): Promise<AlarmView> {
    this.#parts.intake.act(alarm, { do: "acknowledge", by: person, comment });
    const now = this.alarms().find(({ id }) => id === alarm);
    if (now !== undefined) return Promise.resolve(now);
    return Promise.reject(new RackwatchError("alarm/unknown", `there is no alarm ${alarm}`));
  }

  silence(minutes: number, person: string): Promise<void> {
    this.audit("silence", person, { minutes });
    this.#parts.annunciation.silence(minutes, person);
    return Promise.resolve();
  }

  testOutput(key: PointKey, person: string): Promise<void> {
    this.audit("test-output", person, { output: key });
    return this.#parts.annunciation.test(key, person);
  }

  readState(prefix: string): ReadonlyMap<string, unknown> {
    return this.#parts.store.readState(prefix);
  }

  writeState(state: ReadonlyMap<string, unknown>): void {
    this.#parts.intake.save(state);
  }

  audit(action: AuditAction, person: string, fields: Readonly<Record<string, unknown>>): void {
    this.#parts.intake.record("audit", { action, person, ...fields });
  }

  report(asked: ReportAsked): Promise<Readable | undefined> {
    return this.#reports.write(asked);
  }

  metrics(): string {
    const { store, health, latest, intake, tally, syncWatch, dataDir, clock, desk } = this.#parts;
    const rows = (lane: Lane) => store.outbox.head(lane) - store.outbox.first(lane) + 1;
    return metricsText({
      tally,
      samplesTotal: intake.samplesTotal,
      points: latest.all().map(({ sample }) => sample.quality),
      alarms: this.alarms(),
      problems: health.notices().map(({ part }) => part),
      lanes: { events: store.status("events"), samples: store.status("samples") },
      storeRows: { events: rows("events"), samples: rows("samples") },
      storeBytes: store.size(),
      onDisk: store.onDisk,
      dataDir,
      clockQuality: this.#parts.clockQuality(),
      sync: syncWatch.status,
      roads: this.#syncDesk.roads(),
      goneMs: syncWatch.goneMs,
      losses: readInsight(dataDir)?.losses ?? {},
      pushes: {
        waiting: desk.waiting().length,
        dead: desk.dead().length,
        dropped: desk.droppedTotal,
      },
      now: clock.now(),
      machine: tally.machine.read(),
    });
  }

  #view(point: Point): PointView {
    const { key, kind, unit, name, location } = point;
    const { latest, clock } = this.#parts;
    const last = latest.get(key);
    const staleAfterMs = point.staleAfterMs ?? Number.MAX_SAFE_INTEGER;
    return {
      key,
      kind,
      staleAfterMs,
      stale: last !== undefined && clock.monotonicMs() - last.mono >= staleAfterMs,
      ...(name === undefined ? {} : { name }),
      ...(location === undefined ? {} : { location }),
      ...(unit === undefined ? {} : { unit }),
      ...(last === undefined ? {} : present(last.sample)),
    };
  }
}

function present(sample: Sample) {
  const { quality, sampledAt } = sample;
  if (quality === "bad") return { quality, sampledAt, reason: sample.reason };
  const reason = quality === "uncertain" ? sample.reason : undefined;
  return {
    quality,
    sampledAt,
    value: sample.value,
    ...(reason === undefined ? {} : { reason }),
  };
}
