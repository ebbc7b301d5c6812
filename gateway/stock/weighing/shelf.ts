import type { EpochMs, MonotonicMs } from "../../../drivers/contract.ts";
import type { Instant } from "../../rules/rule.ts";
import type { Start } from "../../rules/rule-state.ts";
import { residualSigmas } from "./change.ts";
import { driftKg, restStepSdKg, Seepage, zeroDriftKg, zeroTrackedKgMax } from "./drift.ts";
import { OverloadWatch } from "./overload.ts";
import { checkShelf } from "./piece-weight.ts";
import { SettleDetector } from "./settle.ts";
import { ShelfBook } from "./shelf-book.ts";
import { eventsOf } from "./shelf-events.ts";
import { elapsedSince, readShelfState, type ShelfState } from "./shelf-state.ts";
import { explainSteps, type Outcome } from "./steps.ts";
import type { Count, ShelfEvent, ShelfSettings, WeightReading } from "./weigh.ts";

/** Without a reading for so long nobody watched the shelf: scales tell every second, slow ones every ten. */
export const silentAfterMsDefault = 60_000;

/** Rests on the way of one movement that are remembered; at the limit the oldest are seen as one step. */
export const plateausMax = 8;

/** Heavier than any shelf: a reading beyond it is a broken frame. */
export const grossKgMax = 1e6;

/** So far a rest wanders before it is worth a write; after a restart it may have been elsewhere by as much. */
const unsavedDivisions = 1.5;

/** A rest that only wandered is saved no more often than this, to spare the SD card; */
const driftSaveMs = 600_000;
/** and one that did not, to know until when it was seen. */
const restSaveMs = 3_600_000;

interface Rest {
  readonly grossKg: number;
  readonly at: EpochMs;
  readonly mono: MonotonicMs;
  /** As it was saved, and not as it had wandered since. */
  readonly isRestored?: true;
}

/** A movement that waits whether it is undone: the rests since the shelf left the one before it. */
interface Opened {
  readonly dueAt: MonotonicMs;
  readonly plateaus: readonly Rest[];
}

/**
 * A shelf on a scale. Compares the weight at rest after a movement with the one before it, so that what wanders slowly
 * while it rests is never a piece. Nothing is decided while it moves.
 */
export class Shelf {
  readonly #settings: ShelfSettings;
  readonly #start: Start;
  readonly #silentAfterMs: number;
  readonly #tareKg: number;
  readonly #detector: SettleDetector;
  readonly #book: ShelfBook;
  readonly #seepage: Seepage;
  readonly #overload: OverloadWatch | undefined;
  /** Where the last decided movement left it, and where it wandered since. */
  #rest: Rest | undefined;
  #opened: Opened | undefined;
  #isSettled = false;
  #isWatched: boolean;
  #lastMono: MonotonicMs | undefined;
  #zeroKg: number;
  #shiftKg: number;
  /** Undefined: must be saved. */
  #savedAs: Rest | undefined;

  /**
   * @param saved what `saved` gave, or what else stands there: what cannot be read counts as nothing.
   * @throws RackwatchError `config/invalid`: a piece weight of 0, an item twice.
   */
  constructor(settings: ShelfSettings, saved: unknown, start: Start) {
    checkShelf(settings);
    const state = readShelfState(saved);
    this.#settings = settings;
    this.#start = start;
    this.#silentAfterMs = settings.silentAfterMs ?? silentAfterMsDefault;
    this.#tareKg = settings.items.reduce((sum, it) => sum + (it.containerKg ?? 0), settings.tareKg);
    this.#detector = new SettleDetector(settings);
    this.#book = new ShelfBook(settings, state?.book);
    this.#seepage = new Seepage(settings, state?.seepage);
    const { capacityKg, settleMs } = settings;
    const wasOver = state?.overloaded === true;
    if (capacityKg !== undefined) this.#overload = new OverloadWatch(capacityKg, settleMs, wasOver);
    this.#zeroKg = state?.zeroKg ?? 0;
    this.#shiftKg = state?.shiftKg ?? 0;
    this.#isWatched = state === undefined;
    if (state === undefined) return;
    const mono = start.instant.mono - elapsedSince(state, start);
    this.#rest = { grossKg: state.grossKg, at: state.at, mono, isRestored: true };
    this.#savedAs = this.#rest;
  }

  /** Net weight of the last rest, kg; undefined before the first. */
  get netKg(): number | undefined {
    return this.#rest === undefined ? undefined : this.#netOf(this.#rest.grossKg);
  }

  /** Nothing moves, and all that moved was told. */
  get resting(): boolean {
    return this.#isSettled && this.#opened === undefined;
  }

  /** What lies there by weight; nothing of an item whose number is not known, and nothing while it moves. */
  counts(): readonly Count[] {
    const { netKg } = this;
    if (!this.resting || netKg === undefined || this.#isNegative(netKg)) return [];
    return this.#book.counts(netKg);
  }

  /** @returns what is certain with this reading. A reading that is older than the last one is nothing. */
  next(reading: WeightReading): readonly ShelfEvent[] {
    const { kg, at, mono } = reading;
    if (mono < (this.#lastMono ?? Number.NEGATIVE_INFINITY)) return [];
    if (!(Math.abs(kg) <= grossKgMax)) return this.bad(reading);
    const events = [...this.#advance(mono)];
    this.#lastMono = mono;
    const load = this.#overload?.next(kg, at, mono);
    if (load !== undefined) {
      events.push(load);
      this.#savedAs = undefined;
    }
    const settledKg = this.#detector.next(reading);
    this.#isSettled = settledKg !== undefined;
    if (settledKg === undefined) return events;
    return [...events, ...this.#settle({ grossKg: settledKg, at, mono })];
  }

  /** The scale gave no weight. */
  bad({ mono }: Instant): readonly ShelfEvent[] {
    const events = this.#advance(mono);
    this.#detector.forget();
    this.#overload?.forget();
    this.#isSettled = false;
    return events;
  }

  tick({ mono }: Instant): readonly ShelfEvent[] {
    return this.#advance(mono);
  }

  /** When a tick has something to do if no reading comes. */
  nextDue(): MonotonicMs | undefined {
    if (!this.#isSettled) return undefined;
    return Math.min(this.#opened?.dueAt ?? Number.POSITIVE_INFINITY, this.#silentAt);
  }

  /** A person counted: so many pieces lie there now. @returns whether a piece's weight is known better by it. */
  knownCount(item: string, pieces: number): boolean {
    const { netKg } = this;
    if (!this.resting || netKg === undefined) return false;
    const isLearnt = this.#book.know(item, pieces, netKg);
    this.#savedAs = undefined;
    return isLearnt;
  }

  /** Plain JSON to start from again; undefined before the first rest. */
  saved(): ShelfState | undefined {
    const rest = this.#rest;
    if (rest === undefined) return undefined;
    const { boot, clockSynchronized } = this.#start;
    const seepage = this.#seepage.state;
    return {
      version: 1,
      boot,
      // A rest of before this boot may lie endlessly far back, which JSON cannot say.
      mono: Math.max(rest.mono, -Number.MAX_SAFE_INTEGER),
      at: rest.at,
      synchronized: clockSynchronized(),
      grossKg: rest.grossKg,
      zeroKg: this.#zeroKg,
      shiftKg: this.#shiftKg,
      overloaded: this.#overload?.isOver === true,
      book: this.#book.state,
      ...(seepage === undefined ? {} : { seepage }),
    };
  }

  /** What is to be saved since the last call; undefined: nothing that is worth a write. */
  changes(): ShelfState | undefined {
    const [rest, before] = [this.#rest, this.#savedAs];
    if (rest === undefined || rest === before) return undefined;
    if (before !== undefined) {
      const wandered = Math.abs(rest.grossKg - before.grossKg) > this.#unsavedKg;
      if (rest.mono - before.mono < (wandered ? driftSaveMs : restSaveMs)) return undefined;
    }
    this.#savedAs = rest;
    return this.saved();
  }

  get #silentAt(): MonotonicMs {
    return (this.#lastMono ?? Number.POSITIVE_INFINITY) + this.#silentAfterMs;
  }

  /** What time alone does, in the order in which it happens. */
  #advance(mono: MonotonicMs): readonly ShelfEvent[] {
    const isSilent = mono >= this.#silentAt;
    const dueAt = this.#opened?.dueAt ?? Number.POSITIVE_INFINITY;
    const isDue = this.#isSettled && mono >= dueAt && dueAt <= this.#silentAt;
    const events = isDue ? this.#decide() : [];
    if (!isSilent) return events;
    this.#detector.forget();
    this.#overload?.forget();
    this.#isSettled = false;
    this.#isWatched = false;
    this.#opened = undefined;
    return events;
  }

  #settle(now: Rest): readonly ShelfEvent[] {
    const rest = this.#rest;
    if (rest === undefined) {
      this.#restAt(now);
      this.#savedAs = undefined;
      return [];
    }
    const sameKg = this.#sameKg(rest, now);
    if (Math.abs(now.grossKg - rest.grossKg) <= sameKg) {
      this.#opened = undefined;
      this.#isWatched = true;
      return this.#wander(rest, now);
    }
    this.#opened = this.#open(now, sameKg);
    return now.mono >= this.#opened.dueAt ? this.#decide() : [];
  }

  /** Less than this is no movement: noise, and what drift does in the time between. */
  #sameKg(from: Rest, { mono, grossKg }: Rest): number {
    const loadKg = Math.max(Math.abs(from.grossKg), Math.abs(grossKg));
    const noiseKg = residualSigmas * restStepSdKg(this.#settings);
    const doubtKg = from.isRestored === true ? this.#unsavedKg : 0;
    return noiseKg + doubtKg + driftKg(loadKg, mono - from.mono);
  }

  get #unsavedKg(): number {
    return unsavedDivisions * this.#settings.divisionKg;
  }

  #open(now: Rest, sameKg: number): Opened {
    const { confirmMs } = this.#settings;
    const { dueAt, plateaus } = this.#opened ?? { dueAt: now.mono + confirmMs, plateaus: [] };
    const last = plateaus.at(-1);
    const isSame = last !== undefined && Math.abs(now.grossKg - last.grossKg) <= sameKg;
    if (!isSame) return { dueAt, plateaus: [...plateaus, now].slice(-plateausMax) };
    // The weight goes on settling; the time stays that of its arrival.
    return { dueAt, plateaus: [...plateaus.slice(0, -1), { ...last, grossKg: now.grossKg }] };
  }

  /** It rests where it rested before: what changed is drift, or goes away little by little. */
  #wander(rest: Rest, now: Rest): readonly ShelfEvent[] {
    this.#restAt(now);
    const netKg = this.#netOf(now.grossKg);
    if (this.#book.isEmpty) {
      this.#seepage.restart(netKg, now.at);
      return [];
    }
    const lost = this.#seepage.next(netKg, now.at, now.mono - rest.mono);
    if (lost === undefined) return [];
    this.#savedAs = undefined;
    return [{ is: "seepage", ...lost, at: now.at }];
  }

  #decide(): readonly ShelfEvent[] {
    const [rest, opened] = [this.#rest, this.#opened];
    const last = opened?.plateaus.at(-1);
    this.#opened = undefined;
    if (rest === undefined || opened === undefined || last === undefined) return [];
    const changeKg = last.grossKg - rest.grossKg;
    const unwatched = !this.#isWatched;
    if (unwatched && this.#isZeroBack(rest, last)) return this.#settleAt(last);
    const outcome = this.#outcomeOf(rest, last, opened.plateaus);
    const span = {
      beforeKg: this.#netOf(rest.grossKg),
      afterKg: this.#netOf(last.grossKg),
      ...{ since: rest.at, at: last.at, unwatched },
    };
    const events = eventsOf(outcome, span, this.#book.items);
    // The scale zeroed itself with the goods on it: what lay there is believed to lie there still.
    if (unwatched && this.#isNegative(span.afterKg)) this.#shiftKg += changeKg;
    else this.#take(outcome, changeKg);
    return [...events, ...this.#settleAt(last)];
  }

  #outcomeOf(rest: Rest, last: Rest, plateaus: readonly Rest[]): Outcome {
    const kg = last.grossKg - rest.grossKg;
    const doubtKg = rest.isRestored === true ? this.#unsavedKg : 0;
    const driftSdKg = (driftKg(rest.grossKg, last.mono - rest.mono) + doubtKg) / residualSigmas;
    const levels = [rest, ...plateaus].map(({ grossKg }) => grossKg);
    const outcome = explainSteps(
      {
        kg,
        sdKg: Math.hypot(restStepSdKg(this.#settings), driftSdKg),
        divisionKg: this.#settings.divisionKg,
        strangeKg: this.#book.strangeKg,
        present: (item) => this.#book.present(item),
        steps: levels.slice(1).map((level, index) => level - (levels[index] ?? level)),
      },
      this.#book.items,
    );
    const goodsKg = this.#netOf(rest.grossKg) - this.#book.strangeKg;
    const isBelow = this.#isNegative(goodsKg + kg - outcome.containerKg);
    if (outcome.moved.length === 0 || this.#isNegative(goodsKg) || !isBelow) return outcome;
    // More than there was cannot have been taken.
    return { moved: [], containerKg: 0, open: [{ is: "unexplained", kg, candidates: [] }] };
  }

  #take({ moved, containerKg, open }: Outcome, changeKg: number): void {
    const withinKg = residualSigmas * restStepSdKg(this.#settings);
    this.#book.move(moved, containerKg);
    for (const { is, kg, candidates } of open) {
      if (is === "unexplained") this.#book.addStrange(kg, withinKg);
      else this.#book.forget(candidates.map(({ item }) => item));
    }
    this.#seepage.shift(changeKg);
  }

  #settleAt(last: Rest): readonly ShelfEvent[] {
    const mono = Math.max(last.mono, this.#lastMono ?? last.mono);
    this.#isWatched = true;
    this.#restAt({ ...last, mono });
    this.#book.learn(this.#netOf(last.grossKg));
    this.#savedAs = undefined;
    return [];
  }

  /** A scale that had come back with another zero has its own again. */
  #isZeroBack(rest: Rest, last: Rest): boolean {
    if (this.#shiftKg === 0) return false;
    const leftKg = last.grossKg - rest.grossKg + this.#shiftKg;
    if (Math.abs(leftKg) > this.#sameKg(rest, last)) return false;
    this.#shiftKg = 0;
    return true;
  }

  /** Rests there; the zero follows where nothing lies on the shelf, within its bounds. */
  #restAt(rest: Rest): void {
    this.#rest = rest;
    const netKg = this.#netOf(rest.grossKg);
    const { divisionKg } = this.#settings;
    const bandKg = Math.min(3 * divisionKg, 0.4 * (this.#book.lightestKg ?? Infinity));
    const isBare = Math.abs(netKg) <= bandKg && this.#shiftKg === 0;
    if (isBare) this.#book.empty();
    const isDrift = this.#book.isEmpty && Math.abs(netKg) <= zeroDriftKg(this.#settings);
    if (!isBare && !isDrift) return;
    const most = zeroTrackedKgMax(this.#settings);
    this.#zeroKg = Math.min(most, Math.max(-most, this.#zeroKg + netKg));
  }

  #netOf(grossKg: number): number {
    return grossKg - this.#tareKg - this.#zeroKg - this.#shiftKg;
  }

  #isNegative(netKg: number): boolean {
    const halfKg = (this.#book.lightestKg ?? 0) / 2;
    return netKg < -Math.max(halfKg, zeroDriftKg(this.#settings));
  }
}
