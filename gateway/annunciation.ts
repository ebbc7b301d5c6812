import type { Config } from "../config/schema/config.ts";
import type { Clock, EpochMs, Log, MonotonicMs, PointKey } from "../drivers/contract.ts";
import type { Alarm } from "./alarms/alarm.ts";
import { Annunciator, type OutputSettings } from "./alarms/annunciator.ts";
import { slotsOf } from "./alarms/annunciator-slots.ts";
import { OutputWriter } from "./alarms/output-writer.ts";
import type { Problem } from "./health/health.ts";
import type { OutputView } from "./panel/api.ts";
import type { Point } from "./point-book.ts";

/** Kept under `test/<output>`: that an output was tested, by whom, and what came of it. Never an alarm. */
export interface OutputTest {
  readonly output: PointKey;
  readonly by: string;
  readonly at: EpochMs;
  /** The device confirmed that the output was on; whether it lit or sounded only a person can tell. */
  readonly confirmed: boolean;
  readonly problem?: string;
}

export interface AnnunciationParts {
  readonly outputs: ReadonlyMap<PointKey, OutputSettings>;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly write: (point: PointKey, value: boolean) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when what an output shows to a person has changed: driven, silenced, tested, broken. */
  readonly changed: () => void;
  /** Told how a test ended, within `outputWriteMsMax`. */
  readonly tested?: (test: OutputTest) => void;
  /** Told when what is an output no more is off. */
  readonly left?: (output: PointKey) => void;
  /** Told when a lamp or buzzer of an annunciator cannot be driven, a second place's first, and when all can. */
  readonly broken?: (problem: Problem | undefined) => void;
}

export interface OtherOutputs extends Pick<AnnunciationParts, "outputs" | "points"> {
  readonly alarms: readonly Alarm[];
  readonly closing: ReadonlySet<PointKey>;
}

/** Channels have opened by then, or will not: what is told of their outputs before would be over at once. */
const openingMs = 10_000;

/** Alarms to lamps and buzzers: what they are to show, and the writer that brings them there. */
export class Annunciation {
  readonly #parts: AnnunciationParts;
  #outputs: AnnunciationParts["outputs"];
  #points: AnnunciationParts["points"];
  readonly #annunciator: Annunciator;
  readonly #writer: OutputWriter;
  /** The last one that a person ordered; `until` by the wall clock, as a label. */
  #silence: { readonly by: string; readonly until: EpochMs } | undefined;

  /** Undefined: channels have had their time to open. */
  #openingUntil: MonotonicMs | undefined;

  constructor(parts: AnnunciationParts) {
    this.#parts = parts;
    this.#outputs = parts.outputs;
    this.#points = parts.points;
    this.#openingUntil = parts.clock.monotonicMs() + openingMs;
    this.#annunciator = new Annunciator(parts.outputs);
    this.#writer = new OutputWriter({
      clock: parts.clock,
      annunciator: this.#annunciator,
      write: parts.write,
      left: (output) => parts.left?.(output),
      report: (output, problem) => {
        // A channel that is closed says so itself, once for all of its outputs.
        if (problem !== undefined && problem.code !== "driver/unavailable") {
          parts.log.error("output cannot be driven", { output, ...problem });
        }
        parts.broken?.(this.#broken());
        parts.changed();
      },
    });
  }

  /**
   * Other outputs and other alarms from now on, in one go: what stays lit is never dark in between.
   * @param closing outputs of channels that close, which turn off themselves what is to go.
   */
  configure({ outputs, points, alarms, closing }: OtherOutputs): void {
    const gone = [...this.#outputs.keys()].filter((output) => !outputs.has(output));
    this.#outputs = outputs;
    this.#points = points;
    this.#annunciator.configure(outputs);
    this.#annunciator.update(alarms, this.#parts.clock.monotonicMs());
    this.#writer.forget(gone.filter((output) => closing.has(output)));
    this.#writer.leave(gone.filter((output) => !closing.has(output)));
    this.#parts.broken?.(this.#broken());
    this.#parts.changed();
  }

  /** What was an output in an earlier run and is none: it is turned off, however often that must be tried. */
  leave(outputs: readonly PointKey[]): void {
    this.#writer.leave(outputs);
  }

  update(alarms: readonly Alarm[]): void {
    this.#annunciator.update(alarms, this.#parts.clock.monotonicMs());
    this.#writer.step();
    this.#parts.changed();
  }

  /** To be called from the loop that decides about alarms: heartbeat lamps blink while it is. */
  beat(): void {
    const mono = this.#parts.clock.monotonicMs();
    // The writer sleeps until something changes, and of this change it cannot know.
    if (this.#annunciator.beat(mono)) this.#writer.step();
    if (this.#openingUntil === undefined || mono < this.#openingUntil) return;
    this.#openingUntil = undefined;
    this.#parts.broken?.(this.#broken());
  }

  silence(minutes: number, by: string): void {
    const { clock } = this.#parts;
    const mono = clock.monotonicMs();
    const untilMono = this.#annunciator.silence(minutes * 60_000, mono);
    this.#silence = { by, until: clock.now() + untilMono - mono };
    this.#writer.step();
    this.#parts.changed();
  }

  /** Turns an output on for a moment. Rejects with `driver/not-writable` when it is no output. */
  async test(output: PointKey, by = ""): Promise<void> {
    const { clock, changed, tested } = this.#parts;
    this.#annunciator.test(output, clock.monotonicMs());
    const at = clock.now();
    const proved = this.#writer.prove(output);
    changed();
    void proved.then((problem) => {
      const why = problem === undefined ? {} : { problem: problem.message };
      tested?.({ output, by, at, confirmed: problem === undefined, ...why });
    });
  }

  /** A channel was opened: what its outputs show is unknown. */
  reassert(): void {
    this.#writer.reassert();
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#writer.run(signal);
  }

  /** An output whose alarm flashes it counts as on: the rhythm is the lamp's, not the screen's. */
  views(): readonly OutputView[] {
    const problems = this.#writer.problems();
    return this.#annunciator.status(this.#parts.clock.monotonicMs()).map((status) => {
      const name = this.#points.get(status.key)?.name;
      const problem = problems.get(status.key)?.message;
      const [slot] = this.#outputs.get(status.key)?.slots ?? [];
      return {
        key: status.key,
        value: status.testing || status.driven,
        alarms: [...status.alarms],
        silenced: status.silenced,
        ...(status.silenced && this.#silence !== undefined ? { silence: this.#silence } : {}),
        testing: status.testing,
        ...(name === undefined ? {} : { name }),
        ...(problem === undefined ? {} : { problem }),
        ...(slot === undefined ? {} : { annunciator: slot.annunciator, place: slot.place }),
      };
    });
  }

  /** The second place comes first: nobody who stands here sees that nothing lights up there. */
  #broken(): Problem | undefined {
    const broken = [...this.#writer.problems()].flatMap(([output, problem]) => {
      const slots = this.#outputs.get(output)?.slots ?? [];
      const isOpening = this.#openingUntil !== undefined && problem.code === "driver/unavailable";
      if (slots.length === 0 || isOpening) return [];
      const isSecond = slots.some(({ place }) => place === "second");
      return [{ isSecond, problem: { ...problem, where: output } }];
    });
    return (broken.find(({ isSecond }) => isSecond) ?? broken[0])?.problem;
  }
}

const buzzerName = /buzzer|siren|horn/i;

/**
 * A switch is an output when its driver says that it is a lamp or buzzer, or an annunciator or a rule drives it. Another
 * switch that can be written, such as the run bit of a machine, is never touched. A rhythm is for lines of this machine;
 * on a bus each edge would be a request.
 */
export function outputsOf(
  points: ReadonlyMap<PointKey, Point>,
  { channels, rules, annunciators }: Pick<Config, "channels" | "rules" | "annunciators">,
): ReadonlyMap<PointKey, OutputSettings> {
  const local = new Set(
    Object.values(channels).flatMap(({ driver, devices }) =>
      driver === "gpio" ? Object.keys(devices) : [],
    ),
  );
  const driven = new Set<string>(
    Object.values(rules).flatMap(({ outputs, levels = {} }) => [
      ...outputs,
      ...Object.values(levels).flatMap((level) => level.outputs ?? []),
    ]),
  );
  const slots = Map.groupBy(slotsOf(annunciators), ({ output }) => output);
  return new Map(
    [...points.values()]
      .filter(
        ({ access, kind, isCommand }) => access !== "read" && kind === "boolean" && !isCommand,
      )
      .filter(({ key, role }) => role !== undefined || driven.has(key) || slots.has(key))
      .map(({ key, role }) => {
        const own = slots.get(key) ?? [];
        const sounds = own.some(({ is }) => is === "buzzer" || is === "siren");
        const named = role ?? (buzzerName.test(key) ? "buzzer" : "lamp");
        // What an annunciator has it for decides: a relay may carry a siren.
        const given = sounds ? "buzzer" : own.length > 0 ? "lamp" : named;
        return [key, { role: given, flash: local.has(key.split("/")[0] ?? ""), slots: own }];
      }),
  );
}
