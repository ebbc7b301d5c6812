import type { Clock, Log, Sample } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { Alarm, AlarmAction } from "./alarms/alarm.ts";
import { auditOf } from "./audit/audit-of.ts";
import { type Follow, nothingFollows } from "./follow.ts";
import type { Health } from "./health/health.ts";
import { problemOf } from "./health/health-book.ts";
import type { LatestSamples } from "./latest.ts";
import type { Response, ResponseStep } from "./response.ts";
import type { Instant } from "./rules/rule.ts";
import type { StockStep } from "./stock/desk/stock-step.ts";
import { MergedMovements } from "./stock/ledger/merged-movements.ts";
import { movementEvent, movementOf } from "./stock/ledger/movement-of.ts";
import type { Movement } from "./stock/movement.ts";
import type { StockedKey } from "./stock/stocked.ts";
import type { DurableStore } from "./store/open-store.ts";
import type { ClockMark, ClockQuality, GatewayEvent } from "./store/store.ts";
import type { TimeCorrection } from "./store/time-shift.ts";

/** Samples that wait for a commit: more would make one transaction longer than a poll may be late. */
export const pendingSamplesFlush = 500;

/** Samples kept in memory while the disk refuses them; beyond it the oldest are dropped and counted in a gap event. */
export const pendingSamplesMax = 50_000;

/**
 * Events kept in memory while the disk refuses them; beyond it the oldest are dropped and counted likewise. Of movements
 * among them the sums are kept.
 */
export const pendingEventsMax = 10_000;

/** A wall clock that moved further than this against the monotonic one was set, not slewed. */
export const clockStepMs = 1_000;

/** Pause between two attempts to commit while the disk refuses. */
const retryMs = 1_000;

/** What became durable, or (when the disk refuses) what is true all the same. */
export interface Published {
  readonly samples: readonly Sample[];
  /** Those of the samples that are of now; the others tell of the past. */
  readonly live: readonly Sample[];
  /** All alarms, when any of them changed. */
  readonly alarms?: readonly Alarm[];
  /** Where stock is different now. */
  readonly touched: ReadonlySet<StockedKey>;
  /** Movements, when there are any. */
  readonly movements?: readonly Movement[];
}

export interface IntakeParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly boot: string;
  readonly clockQuality: () => ClockQuality;
  readonly store: Pick<DurableStore, "commit" | "heal" | "problem" | "corrections">;
  readonly response: Pick<Response, "step" | "act" | "take" | "correct" | "checkpoint">;
  readonly process: (samples: readonly Sample[], instant: Instant) => readonly Sample[];
  readonly latest: LatestSamples;
  readonly health: Health;
  readonly flushEveryMs: number;
  /** Samples that came to the intake before this one; default none. */
  readonly samplesBefore?: number;
  /** Called with each batch at once: what a screen inside the gateway may show before it is on disk. */
  readonly seen: (samples: readonly Sample[]) => void;
  /** Called after the commit; alarm transitions also when the disk refused them. */
  readonly published: (what: Published) => void;
}

/**
 * The flow behind the drivers: pipeline, rules and alarms, one transaction, then everybody who waits for it.
 * Samples are gathered for a flush; an alarm transition or a changed timer commits at once with what waits.
 */
export class Intake {
  readonly #parts: IntakeParts;
  #samples: Sample[] = [];
  /** Those of the samples that are of now. */
  #live: Sample[] = [];
  #events: GatewayEvent[] = [];
  #state = new Map<string, unknown>();
  #touched = new Set<StockedKey>();
  #mark: ClockMark;
  #flushedAt: number;
  #retryAt = 0;
  #refused = false;
  #refusedBy = new RackwatchError("store/io", "the disk refuses");
  #samplesTotal: number;
  /** Who took over. */
  #next: Intake | undefined;
  #dropped = { samples: 0, events: 0 };
  /** What was found out of the clock, as far as the response knows. */
  #correction: TimeCorrection | undefined;
  readonly #merged = new MergedMovements();
  /** Of the events: read once, however often they are tried. */
  readonly #movements = new Map<GatewayEvent, Movement>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#mark = this.#markNow();
    this.#flushedAt = parts.clock.monotonicMs();
    this.#samplesTotal = parts.samplesBefore ?? 0;
    this.#correction = parts.store.corrections.at(-1);
  }

  /** Samples of one device at one time, straight from its driver. */
  accept(samples: readonly Sample[]): void {
    if (this.#next !== undefined) {
      this.#next.accept(samples);
      return;
    }
    const instant = this.#instant();
    this.#noteClockStep(instant);
    const processed = this.#parts.process(samples, instant);
    const step = this.#parts.response.step(processed, instant);
    for (const sample of step.samples ?? processed) this.#samples.push(sample);
    this.#samplesTotal += processed.length;
    this.#parts.latest.put(step.live, instant);
    for (const sample of step.live) this.#live.push(sample);
    this.#take(step, instant);
    this.#parts.seen(step.live);
  }

  /** Timers that are due, and the flush. */
  tick(): void {
    const instant = this.#instant();
    this.#noteClockStep(instant);
    this.#take(this.#parts.response.step([], instant), instant);
  }

  /**
   * What a person does with an alarm, by its id or its rule's, in one commit with what follows from that. @throws RackwatchError `alarm/unknown`,
   * `alarm/not-allowed`, `alarm/reason-required`, `alarm/shelf-too-long`.
   */
  act(target: string, action: AlarmAction, more: () => Follow = () => nothingFollows): void {
    if (this.#next !== undefined) {
      this.#next.act(target, action, more);
      return;
    }
    const instant = this.#instant();
    const step = this.#parts.response.act(target, action, instant);
    const { events, state } = more();
    const all = { events: [...step.events, ...events], state: new Map([...step.state, ...state]) };
    this.#take({ ...step, ...all }, instant);
  }

  /**
   * What somebody did with the stock: on disk when it returns. @throws what `work` throws, or `store/...` while the
   * disk refuses: nothing has changed then. `store/...` of the very booking that the disk refused: it is kept in memory.
   */
  stock<T>(work: (instant: Instant) => { readonly moved: StockStep; readonly result: T }): T {
    this.#mustBePresent();
    const instant = this.#instant();
    if (this.#refused) this.#commit(undefined, instant);
    if (this.#refused) throw this.#refusal();
    const { moved, result } = work(instant);
    this.#take(this.#parts.response.take(moved, instant), instant);
    if (this.#refused) throw this.#refusal();
    return result;
  }

  /** What somebody did besides: on record at once, with the state that belongs to it. */
  follow(work: (instant: Instant) => Follow): void {
    this.#mustBePresent();
    const instant = this.#instant();
    const { events, state } = work(instant);
    if (events.length + state.size === 0) return;
    this.#note(events, state, instant);
    this.#commit(undefined, instant);
  }

  /** Something that is to be on record at once, with the state that belongs to it. */
  record(
    kind: GatewayEvent["kind"],
    body: Readonly<Record<string, unknown>>,
    state: ReadonlyMap<string, unknown> = new Map(),
  ): void {
    if (this.#next !== undefined) {
      this.#next.record(kind, body, state);
      return;
    }
    this.follow(() => ({ events: [{ kind, body }], state }));
  }

  /** What follows from something else than samples, for example from what is known already. */
  settle(work: (instant: Instant) => ResponseStep): void {
    this.#mustBePresent();
    const instant = this.#instant();
    this.#take(work(instant), instant);
  }

  /** State without an event, for example a session. @throws RackwatchError `store/...`: nothing was kept. */
  save(state: ReadonlyMap<string, unknown>): void {
    if (this.#next !== undefined) {
      this.#next.save(state);
      return;
    }
    this.#parts.store.commit({ clock: this.#mark, samples: [], events: [], state });
  }

  /** Samples that came since the start. */
  get samplesTotal(): number {
    return this.#samplesTotal;
  }

  /** Whether rows wait in memory because the disk refuses them. */
  get refused(): boolean {
    return this.#refused;
  }

  /** Commits what waits; for the end of the process. */
  flush(): void {
    this.follow(() => this.#parts.response.checkpoint());
    this.#commit(undefined, this.#instant());
  }

  /**
   * Another one has taken over, and everything here is on disk: who still holds this one reaches that one. What works on
   * the parts behind this one is refused, because they are no longer those that count.
   */
  handOver(next: Intake): void {
    this.#next = next;
  }

  #mustBePresent(): void {
    if (this.#next === undefined) return;
    throw new RackwatchError("store/switched", "the configuration was switched meanwhile", {
      todo: "do it again",
    });
  }

  #note(events: Follow["events"], state: Follow["state"], instant: Instant): void {
    for (const { kind, body } of events) {
      const event = { kind, ...instant, body };
      this.#events.push(event);
      const movement = movementOf(event);
      if (movement !== undefined) this.#movements.set(event, movement);
    }
    for (const [key, value] of state) this.#state.set(key, value);
  }

  #take({ transitions, events, state, alarms, touched }: ResponseStep, instant: Instant): void {
    for (const key of touched) this.#touched.add(key);
    for (const transition of transitions) {
      this.#events.push({ kind: "alarm", ...instant, body: { ...transition } });
    }
    this.#note(events, state, instant);
    const urgent = transitions.length > 0 || events.length > 0 || state.size > 0;
    const due =
      instant.mono - this.#flushedAt >= this.#parts.flushEveryMs ||
      this.#samples.length >= pendingSamplesFlush;
    const waiting = this.#samples.length + this.#events.length + this.#state.size > 0;
    const changed = transitions.length > 0 ? alarms : undefined;
    if (this.#refused && instant.mono < this.#retryAt) {
      // To try with each of them would take ever longer, the more of them wait.
      this.#letGo();
      this.#tell(changed);
    } else if (urgent || this.#refused || (due && waiting)) this.#commit(changed, instant);
  }

  #commit(alarms: readonly Alarm[] | undefined, instant: Instant): void {
    const { store, health, published } = this.#parts;
    const samples = this.#samples;
    const gaps = this.#gapEvents(instant);
    const merged = this.#merged.list();
    const events =
      gaps.length === 0
        ? this.#events
        : [...merged.map((it) => movementEvent(it, instant)), ...this.#events, ...gaps];
    const movements = [...merged, ...this.#movements.values()];
    try {
      if (this.#refused) store.heal();
      store.commit({
        clock: this.#mark,
        samples,
        events,
        state: this.#state,
        audit: events.flatMap((event) => auditOf(event) ?? []),
        movements,
      });
    } catch (error) {
      this.#refuse(error, instant);
      this.#tell(alarms);
      return;
    }
    const live = this.#live;
    const touched = this.#touched;
    this.#touched = new Set();
    this.#samples = [];
    this.#live = [];
    this.#events = [];
    this.#state = new Map();
    this.#dropped = { samples: 0, events: 0 };
    this.#merged.clear();
    this.#movements.clear();
    this.#mark = this.#markNow();
    this.#flushedAt = instant.mono;
    if (this.#refused) {
      this.#refused = false;
      health.report("store", store.problem);
    }
    published({
      ...{ samples, live, touched },
      ...(movements.length === 0 ? {} : { movements }),
      ...(alarms === undefined ? {} : { alarms }),
    });
    this.#followCorrection(instant);
  }

  /** The commit showed how wrong the clock was: what stands is corrected with what is on record, in the next transaction. */
  #followCorrection(instant: Instant): void {
    const { store, response, boot } = this.#parts;
    const [known, found] = [this.#correction, store.corrections.at(-1)];
    this.#correction = found;
    const isKnown = found?.boot === known?.boot && found?.mono === known?.mono;
    if (found?.boot !== boot || isKnown) return;
    const step = response.correct(found, instant);
    this.#note(step.events, step.state, instant);
    this.#commit(step.alarms, instant);
  }

  #refuse(error: unknown, instant: Instant): void {
    this.#refused = true;
    this.#retryAt = instant.mono + retryMs;
    if (error instanceof RackwatchError) this.#refusedBy = error;
    this.#parts.health.report("store", problemOf(error, "store/io"));
    this.#letGo();
  }

  /** An alarm may lag its commit, never be lost with it: lamps and buzzers work without a disk. */
  #tell(alarms: readonly Alarm[] | undefined): void {
    if (alarms === undefined) return;
    this.#parts.published({ samples: [], live: [], alarms, touched: new Set() });
  }

  /** What is too much to wait. */
  #letGo(): void {
    const samplesOver = this.#samples.length - pendingSamplesMax;
    if (samplesOver > 0) {
      this.#samples.splice(0, samplesOver);
      this.#dropped.samples += samplesOver;
    }
    this.#live.splice(0, Math.max(0, this.#live.length - pendingSamplesMax));
    const eventsOver = this.#events.length - pendingEventsMax;
    if (eventsOver > 0) {
      for (const event of this.#events.splice(0, eventsOver)) {
        const movement = this.#movements.get(event);
        if (movement !== undefined) this.#merged.add(movement);
        this.#movements.delete(event);
      }
      this.#dropped.events += eventsOver;
    }
  }

  #refusal(): RackwatchError {
    const { code, message, todo } = this.#refusedBy;
    return new RackwatchError(code, message, todo === undefined ? {} : { todo });
  }

  #gapEvents(instant: Instant): readonly GatewayEvent[] {
    const { samples, events } = this.#dropped;
    if (samples + events === 0) return [];
    const body = { reason: "not written: the disk refused for too long", samples, events };
    return [{ kind: "gap", ...instant, body }];
  }

  /** Rows before and after a step of the wall clock never share a chunk: each keeps the offset it was taken under. */
  #noteClockStep(instant: Instant): void {
    const offsetMs = instant.at - instant.mono;
    const before = this.#mark.offsetMs;
    if (Math.abs(offsetMs - before) <= clockStepMs) return;
    if (this.#samples.length > 0 || this.#events.length > 0) this.#commit(undefined, instant);
    this.#mark = this.#markNow();
    this.#events.push({
      kind: "clock",
      ...instant,
      body: {
        steppedMs: Math.round(offsetMs - before),
        before: Math.round(instant.mono + before),
        after: instant.at,
        quality: this.#mark.quality,
      },
    });
    this.#parts.log.warn("clock stepped", { steppedMs: Math.round(offsetMs - before) });
    this.#commit(undefined, instant);
  }

  #markNow(): ClockMark {
    const { clock, boot } = this.#parts;
    return {
      boot,
      offsetMs: clock.now() - clock.monotonicMs(),
      quality: this.#parts.clockQuality(),
    };
  }

  #instant(): Instant {
    return { at: this.#parts.clock.now(), mono: this.#parts.clock.monotonicMs() };
  }
}
