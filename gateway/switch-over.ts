import { setImmediate } from "node:timers/promises";
import { switchText } from "../config/language/switch.ts";
import type { Config } from "../config/schema/config.ts";
import type { Clock, Driver, Log, PointKey } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { Annunciation } from "./annunciation.ts";
import type { Brain, Plan } from "./brain.ts";
import { planOf } from "./brain.ts";
import type { LocalAccount } from "./broker/local-account.ts";
import { type ChannelMove, channelMove } from "./channel-plan.ts";
import type { Channels } from "./channels.ts";
import { configChanges, configKeyPrefix } from "./config-changes.ts";
import type { Courier } from "./courier.ts";
import { drivenKeyPrefix, drivenOutputs } from "./driven-outputs.ts";
import type { Follow } from "./follow.ts";
import { type HealthBook, healthPoint } from "./health/health-book.ts";
import { partsOf } from "./health/health-rules.ts";
import type { LatestSamples } from "./latest.ts";
import type { Tally } from "./metrics-tally.ts";
import type { Publisher } from "./publisher.ts";
import { writeOutputs } from "./runtime/outputs-file.ts";
import { isSameSetting } from "./same-settings.ts";
import type { Services } from "./services.ts";
import { renamedEvents } from "./start-events.ts";
import { configuredLimits } from "./store/configured-limits.ts";
import type { DurableStore } from "./store/open-store.ts";

export interface SwitchOverParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly drivers: readonly Driver[];
  readonly store: DurableStore;
  readonly health: HealthBook;
  readonly latest: LatestSamples;
  readonly tally: Tally;
  readonly localBroker: LocalAccount;
  readonly annunciation: Annunciation;
  readonly channels: Channels;
  readonly courier: Courier;
  readonly publisher: Publisher;
  readonly services: Services;
  /** Where the stop step reads which lines are to be made safe. */
  readonly outputsFile: string;
  readonly now: () => Brain;
  readonly build: (plan: Plan, samplesBefore: number) => Brain;
  /** From now on this one counts. */
  readonly put: (brain: Brain) => void;
  /** Told when what is an output no more is off, or out of reach. */
  readonly left: (output: PointKey) => void;
}

/**
 * Goes over to another configuration. Everything is built first; what follows happens in one turn of the loop, so that no
 * sample, act or timer falls between two brains: what a driver reads meanwhile waits in its socket. Resolves when
 * channels that go are closed and new ones are opening.
 * @throws RackwatchError `store/...` while the disk refuses; whatever a part throws that cannot be built. Nothing has
 * changed then.
 */
export async function switchOver(config: Config, parts: SwitchOverParts): Promise<void> {
  const { clock, drivers, channels, log } = parts;
  const plan = planOf(config, drivers);
  const old = parts.now();
  const move = channelMove(
    ...([channels.plan, plan.channels, old.outputs.keys(), new Set(plan.outputs.keys())] as const),
  );
  const told = toldOf(old, plan, parts.store);
  // What was worked out so far took its time, and what is due comes first: of a thousand points it is the longer part.
  await setImmediate();
  settle(old);
  const startedAt = clock.monotonicMs();
  const brain = parts.build(plan, old.intake.samplesTotal);
  takeOver(old, brain, { move, told }, parts);
  const blockedMs = Math.round(clock.monotonicMs() - startedAt);
  const { closes, opens } = move;
  log.info("configuration switched", { blockedMs, closes, opens });
  await channels.move(plan.channels, move);
  for (const output of move.turnsOff) {
    if (!parts.now().outputs.has(output)) parts.left(output);
  }
  writeOutputs(parts.outputsFile, config.channels, log);
}

/** Everything that the old one knows is on disk. */
function settle({ intake, config }: Brain): void {
  intake.tick();
  intake.flush();
  if (!intake.refused) return;
  throw new RackwatchError("store/io", switchText[config.gateway.language].diskRefuses);
}

/** Nothing here may throw: half of it would be worse than none. */
function takeOver(
  old: Brain,
  brain: Brain,
  { move, told }: { readonly move: ChannelMove; readonly told: Follow },
  parts: SwitchOverParts,
): void {
  const { store, health, latest, tally, localBroker, annunciation, publisher, log } = parts;
  const { config, points, outputs } = brain;
  parts.put(brain);
  old.intake.handOver(brain.intake);
  closeRecords(old, log);
  // Lines of channels that are about to close are still driven.
  writeOutputs(parts.outputsFile, { ...config.channels, ...closing(old.config, move) }, log);
  store.configure(configuredLimits(config));
  tally.configure(config);
  localBroker.configure(config);
  const healthParts = partsOf(Object.keys(config.channels));
  health.cover(healthParts);
  const own = new Set(healthParts.map(healthPoint));
  const isSame = (point: PointKey) => isSameSetting(old.points.get(point), points.get(point));
  latest.keep((point) =>
    points.has(point) ? !move.lost.has(point) && isSame(point) : own.has(point),
  );
  latest.await(points.keys(), { mono: parts.clock.monotonicMs() });
  brain.intake.follow(() => told);
  remind(brain, parts);
  annunciation.configure({ outputs, points, alarms: brain.alarms.list(), closing: move.lost });
  publisher.switched([...old.points.keys()].filter((point) => !points.has(point)));
  reopen(old.config, config, parts);
}

/** What it had not written is in gateway.db, from where the next one reads on. */
function closeRecords({ records }: Brain, log: Log): void {
  try {
    records[Symbol.dispose]();
  } catch (error) {
    log.error("records not closed", { err: error });
  }
}

function closing({ channels }: Config, { closes }: ChannelMove): Config["channels"] {
  return Object.fromEntries(
    closes.flatMap((id) => {
      const channel = channels[id];
      return channel === undefined ? [] : [[`closing ${id}`, channel]];
    }),
  );
}

/** What is different, for the record: all of it goes there in one transaction. */
function toldOf(old: Brain, { config, points, outputs }: Plan, store: DurableStore): Follow {
  const before = { name: old.config.gateway.name, points: old.points.values() };
  const renamed = renamedEvents(config.gateway.name, points.values(), before);
  const changed = configChanges(config, store.readState(configKeyPrefix));
  const driven = drivenOutputs(store.readState(drivenKeyPrefix), { outputs, points });
  // Those of closing channels are turned off before these close.
  const added = [...driven.state].filter(([, value]) => value !== undefined);
  const state = new Map([...changed.flatMap((change) => [...change.state]), ...added]);
  return { events: [...renamed, ...changed], state };
}

/** Channels that go on may not say for long what they have said: rules and buttons are told what is known. */
function remind(brain: Brain, { latest }: SwitchOverParts): void {
  brain.buttons.seen(latest.all().map(({ sample }) => sample));
  brain.intake.settle((instant) => brain.response.remind(latest.known(), instant));
}

/** What listens stays open unless its own settings are others. */
function reopen(old: Config, config: Config, { courier, services }: SwitchOverParts): void {
  courier.switched(old);
  const isOther = (what: "broker" | "panel") =>
    old.gateway.language !== config.gateway.language || !isSameSetting(old[what], config[what]);
  if (isOther("broker")) services.broker.reopen();
  if (isOther("panel")) services.panel.reopen();
}
