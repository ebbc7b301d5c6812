import type { Config } from "../config/schema/config.ts";
import type { Clock, Log, PointKey } from "../drivers/contract.ts";
import type { Alarm } from "./alarms/alarm.ts";
import { Annunciator, type OutputSettings } from "./alarms/annunciator.ts";
import { OutputWriter } from "./alarms/output-writer.ts";
import type { OutputView } from "./panel/api.ts";
import type { Point } from "./point-book.ts";

export interface AnnunciationParts {
  readonly outputs: ReadonlyMap<PointKey, OutputSettings>;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly write: (point: PointKey, value: boolean) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when what an output shows to a person has changed: driven, silenced, tested, broken. */
  readonly changed: () => void;
}

/** Alarms to lamps and buzzers: what they are to show, and the writer that brings them there. */
export class Annunciation {
  readonly #parts: AnnunciationParts;
  readonly #annunciator: Annunciator;
  readonly #writer: OutputWriter;

  constructor(parts: AnnunciationParts) {
    this.#parts = parts;
    this.#annunciator = new Annunciator(parts.outputs);
    this.#writer = new OutputWriter({
      clock: parts.clock,
      annunciator: this.#annunciator,
      write: parts.write,
      report: (output, problem) => {
        // A channel that is closed says so itself, once for all of its outputs.
        if (problem !== undefined && problem.code !== "driver/unavailable") {
          parts.log.error("output cannot be driven", { output, ...problem });
        }
        parts.changed();
      },
    });
  }

  update(alarms: readonly Alarm[]): void {
    this.#annunciator.update(alarms, this.#parts.clock.monotonicMs());
    this.#writer.step();
    this.#parts.changed();
  }

  silence(minutes: number): void {
    this.#annunciator.silence(minutes * 60_000, this.#parts.clock.monotonicMs());
    this.#writer.step();
    this.#parts.changed();
  }

  /** @throws RackwatchError `driver/not-writable` when it is no output. */
  test(output: PointKey): Promise<void> {
    this.#annunciator.test(output, this.#parts.clock.monotonicMs());
    this.#writer.step();
    this.#parts.changed();
    return Promise.resolve();
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
      const name = this.#parts.points.get(status.key)?.name;
      const problem = problems.get(status.key)?.message;
      const driven = status.alarms.length > 0 && !status.silenced && this.#isShown(status.key);
      return {
        key: status.key,
        value: status.testing || status.on || driven,
        alarms: [...status.alarms],
        silenced: status.silenced,
        testing: status.testing,
        ...(name === undefined ? {} : { name }),
        ...(problem === undefined ? {} : { problem }),
      };
    });
  }

  /** A lamp stays on after the acknowledgement, a buzzer does not. */
  #isShown(output: PointKey): boolean {
    return this.#parts.outputs.get(output)?.role === "lamp";
  }
}

const buzzerName = /buzzer|siren|horn/i;

/**
 * A switch is an output when its driver says that it is a lamp or buzzer, or a rule drives it. Another switch that can
 * be written, such as the run bit of a machine, is never touched. A rhythm is for lines of this machine; on a bus each
 * edge would be a request.
 */
export function outputsOf(
  points: ReadonlyMap<PointKey, Point>,
  { channels, rules }: Pick<Config, "channels" | "rules">,
): ReadonlyMap<PointKey, OutputSettings> {
  const local = new Set(
    Object.values(channels).flatMap(({ driver, devices }) =>
      driver === "gpio" ? Object.keys(devices) : [],
    ),
  );
  const driven = new Set<string>(Object.values(rules).flatMap(({ outputs }) => outputs));
  return new Map(
    [...points.values()]
      .filter(
        ({ access, kind, isCommand }) => access !== "read" && kind === "boolean" && !isCommand,
      )
      .filter(({ key, role }) => role !== undefined || driven.has(key))
      .map(({ key, role }) => [
        key,
        {
          role: role ?? (buzzerName.test(key) ? "buzzer" : "lamp"),
          flash: local.has(key.split("/")[0] ?? ""),
        },
      ]),
  );
}
