import { healthText } from "../config/language/health.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import type { Annunciation } from "./annunciation.ts";
import type { Brain } from "./brain.ts";
import type { Channels } from "./channels.ts";
import type { Courier } from "./courier.ts";
import type { DownDesk } from "./down/down-desk.ts";
import type { HealthBook } from "./health/health-book.ts";
import type { Publisher } from "./publisher.ts";
import { Heartbeat } from "./runtime/heartbeat.ts";
import { runLoop } from "./runtime/loop.ts";
import type { Notifier } from "./runtime/notify.ts";
import type { Service } from "./runtime/service.ts";
import { aborted } from "./runtime/stop.ts";
import { watchdogPing } from "./runtime/watchdog.ts";
import type { ClockQuality } from "./store/store.ts";
import type { SyncWatch } from "./sync-watch.ts";
import type { Upkeep } from "./upkeep.ts";

/** Longest time between two looks at the timers; a timer that is due sooner is met to the millisecond. */
const tickMs = 250;

/** How often the slow parts are looked at: the agent's file, the store's upkeep, the clock. */
const slowMs = 2_000;

/** A loop that stood still for this long hangs. */
const allowanceMs = 10_000;

/** A device that is slow to answer at the start delays the screens by no more than this. */
const channelsFirstMsMax = 1_000;

/** At the end open requests and write-outs get this long; then the process ends all the same. */
const closeMsMax = 5_000;

export interface LoopsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: Notifier;
  /** What decides at the time. */
  readonly now: () => Pick<Brain, "config" | "intake" | "response" | "records">;
  readonly health: HealthBook;
  readonly clockQuality: () => ClockQuality;
  readonly courier: Courier;
  readonly down: DownDesk;
  readonly annunciation: Annunciation;
  readonly channels: Channels;
  readonly services: readonly Service<AsyncDisposable>[];
  readonly publisher: Publisher;
  readonly syncWatch: SyncWatch;
  readonly upkeep: Upkeep;
}

/** Everything that runs, until the signal is aborted. */
export async function runLoops(parts: LoopsParts, signal: AbortSignal): Promise<void> {
  const { clock, log, notifier, health, now } = parts;
  const heartbeat = new Heartbeat();
  for (const name of ["alarms", "upkeep"]) {
    heartbeat.register(name, allowanceMs, clock.monotonicMs());
  }
  const ping = watchdogPing(notifier, clock);
  const alarmStep = () => {
    const { intake } = now();
    const samples = health.samples();
    if (samples.length > 0) intake.accept(samples);
    else intake.tick();
    parts.annunciation.beat();
    parts.publisher.step();
    heartbeat.tick("alarms", clock.monotonicMs());
  };
  const slowStep = () => {
    heartbeat.tick("upkeep", clock.monotonicMs());
    health.report("clock", clockProblem(parts));
    parts.syncWatch.step();
    parts.courier.step();
    now().records.step();
    parts.upkeep.step();
    parts.publisher.refresh();
    if (heartbeat.mayPing(clock.monotonicMs())) ping();
  };
  const nextDue = () => now().response.nextDue();
  const running = [
    runLoop({ clock, log, step: alarmStep, everyMs: tickMs, nextDue }, signal),
    runLoop({ clock, log, step: slowStep, everyMs: slowMs }, signal),
    runLoop({ clock, log, step: () => parts.upkeep.tick(), everyMs: tickMs }, signal),
    parts.annunciation.run(signal),
    parts.channels.run(signal),
    parts.courier.run(signal),
    parts.down.run(signal),
    runServices(parts, signal),
  ];
  notifier.ready();
  log.info("gateway runs");
  await aborted(signal);
  notifier.stopping();
  // The patience ends with what it waits for: its timer alone would keep the process alive.
  const patience = new AbortController();
  await Promise.race([Promise.all(running), clock.sleep(closeMsMax, patience.signal)]);
  patience.abort();
}

/** Channels first: loading the services keeps the processor busy, and a lamp matters more than a screen. */
async function runServices(parts: LoopsParts, signal: AbortSignal): Promise<void> {
  const { channels, clock, health, services } = parts;
  const patience = clock.sleep(channelsFirstMsMax, signal).catch(() => undefined);
  await Promise.race([channels.heard(), patience]);
  await Promise.all(services.map((service) => service.run(clock, health, signal)));
}

function clockProblem({ clockQuality, now }: LoopsParts) {
  if (clockQuality() !== "unset") return undefined;
  const text = healthText[now().config.gateway.language];
  return { code: "clock/unset", message: text.clockUnset, todo: text.clockTodo } as const;
}
