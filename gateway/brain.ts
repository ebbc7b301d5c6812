import type { Config } from "../config/schema/config.ts";
import type { Clock, Driver, Log, PointKey, Sample } from "../drivers/contract.ts";
import type { OutputSettings } from "./alarms/annunciator.ts";
import { type Annunciation, outputsOf } from "./annunciation.ts";
import { Buttons } from "./buttons.ts";
import { type ChannelPlan, channelPlan } from "./channel-plan.ts";
import type { HealthBook } from "./health/health-book.ts";
import { Intake, type Published } from "./intake.ts";
import type { LatestSamples } from "./latest.ts";
import type { Tally } from "./metrics-tally.ts";
import { GatewayPanelSource } from "./panel-source.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { type Point, pointBook, settingsOf } from "./point-book.ts";
import { RecordKeeper } from "./record-keeper.ts";
import { type RestoredResponse, restoreResponse } from "./restored-response.ts";
import { configuredRules } from "./rules/configured-rules.ts";
import type { Rule } from "./rules/rule.ts";
import type { DurableStore } from "./store/open-store.ts";
import type { ClockQuality } from "./store/store.ts";
import type { SyncWatch } from "./sync-watch.ts";

/** What a configuration says, worked out without touching anything. */
export interface Plan {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly rules: readonly Rule[];
  readonly outputs: ReadonlyMap<PointKey, OutputSettings>;
  readonly channels: ChannelPlan;
}

/** @throws Error for what the check of the configuration lets pass by mistake. */
export function planOf(config: Config, drivers: readonly Driver[]): Plan {
  const points = pointBook(config);
  return {
    config,
    points,
    rules: configuredRules(config, points),
    outputs: outputsOf(points, config),
    channels: channelPlan(config, drivers),
  };
}

/** What outlives a configuration, as far as a brain needs it. */
export interface BrainParts {
  readonly configFile: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly log: Log;
  readonly boot: string;
  readonly health: HealthBook;
  readonly store: DurableStore;
  readonly tally: Tally;
  readonly latest: LatestSamples;
  readonly annunciation: Annunciation;
  readonly syncWatch: SyncWatch;
  readonly startedAt: number;
  readonly published: (what: Published) => void;
  readonly seen: (samples: readonly Sample[]) => void;
  /** The brain that counts at the time. */
  readonly now: () => Pick<Brain, "stock" | "intake">;
  /** Samples that came before this brain. */
  readonly samplesBefore?: number;
}

/** What decides under one configuration; a switch builds another one from the store, as a restart does. */
export interface Brain extends Plan, RestoredResponse {
  readonly intake: Intake;
  readonly records: RecordKeeper;
  readonly source: GatewayPanelSource;
  readonly buttons: Buttons;
}

/** Reads the store and changes nothing. */
export function buildBrain(plan: Plan, parts: BrainParts): Brain {
  const { config, points, outputs } = plan;
  const { store, tally, clock, log, now } = parts;
  const pipeline = new Pipeline(settingsOf(points));
  const restored = restoreResponse({ ...parts, ...plan, outputs: outputs.keys() });
  const intake = new Intake({
    ...parts,
    store: tally.counting(store),
    response: tally.timed(restored.response),
    process: (samples, instant) => tally.processed(pipeline.process(samples, instant)),
    flushEveryMs: config.store.flushEvery,
  });
  const shared = { ...parts, ...plan, ...restored, intake, present: now };
  const records = new RecordKeeper(shared);
  const source = new GatewayPanelSource(shared);
  const buttons = new Buttons(config.buttons, source, clock, log);
  return { ...plan, ...restored, intake, records, source, buttons };
}

/** Samples of the channels, for everybody who looks at them. */
export function deliver(
  { intake, buttons }: Pick<Brain, "intake" | "buttons">,
  samples: readonly Sample[],
): void {
  intake.accept(samples);
  buttons.seen(samples);
}
