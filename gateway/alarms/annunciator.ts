import type { Priority } from "../../config/schema/rule.ts";
import type { MonotonicMs, PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Alarm } from "./alarm.ts";
import { isOn, msToEdge, type Pattern, patternOf, steady } from "./pattern.ts";

/**
 * Longest silence: whoever asks for more has left, and the next shift must hear what is still
 * wrong.
 */
export const silenceMsMax = 15 * 60_000;

/**
 * How long a tested output is on: long enough to walk around the rack, short enough not to be taken
 * for an alarm.
 */
export const outputTestMs = 5_000;

export interface OutputSettings {
  readonly role: "lamp" | "buzzer";
  /**
   * False where each change is a message on a slow bus or wears a relay: steady instead of a
   * rhythm.
   */
  readonly flash: boolean;
}

export interface OutputStatus {
  readonly key: PointKey;
  readonly on: boolean;
  /** Ids of the alarms that drive it. */
  readonly alarms: readonly string[];
  /** It would sound, were it not for the silence. */
  readonly silenced: boolean;
  readonly testing: boolean;
}

interface Drive {
  readonly settings: OutputSettings;
  alarms: readonly string[];
  /** Undefined: off. */
  pattern: Pattern | undefined;
  /** Unacknowledged alarms behind the pattern: one more, and it begins anew. */
  calling: ReadonlySet<string>;
  beganAt: MonotonicMs;
  testedUntil: MonotonicMs;
}

const ranks: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/**
 * Alarms -> what each output shows. On an output that several alarms share the unacknowledged one
 * with the highest priority gives the pattern; acknowledged and returned ones keep a lamp on and a
 * buzzer off. A pattern begins with its alarm, so nobody waits for the next burst. Time is given;
 * silence and tests are forgotten by a restart.
 */
export class Annunciator {
  readonly #drives: ReadonlyMap<PointKey, Drive>;
  #calling: ReadonlySet<string> = new Set();
  #silencedUntil: MonotonicMs = Number.NEGATIVE_INFINITY;

  constructor(outputs: ReadonlyMap<PointKey, OutputSettings>) {
    this.#drives = new Map(
      [...outputs].map(([key, settings]) => [
        key,
        {
          settings,
          alarms: [],
          pattern: undefined,
          calling: new Set<string>(),
          beganAt: 0,
          testedUntil: Number.NEGATIVE_INFINITY,
        },
      ]),
    );
  }

  /** All alarms as they are now. An alarm that was not unacknowledged before ends the silence. */
  update(alarms: readonly Alarm[], mono: MonotonicMs): void {
    const calling = idsOf(alarms.filter(calls));
    if (!calling.isSubsetOf(this.#calling)) this.#silencedUntil = Number.NEGATIVE_INFINITY;
    this.#calling = calling;
    for (const [key, drive] of this.#drives) {
      const own = alarms.filter(
        ({ state, outputs }) => state !== "normal" && outputs.includes(key),
      );
      this.#drive(drive, own, mono);
    }
  }

  /**
   * Buzzers are quiet for `ms`, `silenceMsMax` at most, or until the next alarm. Returns until
   * when.
   */
  silence(ms: number, mono: MonotonicMs): MonotonicMs {
    this.#silencedUntil = mono + Math.min(Math.max(ms, 0), silenceMsMax);
    return this.#silencedUntil;
  }

  /**
   * Turns one output on for `outputTestMs`, whatever alarms and silence say. @throws RackwatchError
   * `driver/not-writable`.
   */
  test(key: PointKey, mono: MonotonicMs): void {
    const drive = this.#drives.get(key);
    if (drive === undefined) {
      throw new RackwatchError("driver/not-writable", `${key} is not an output`, {
        where: key,
        todo: "Choose one of the outputs of the configuration",
      });
    }
    drive.testedUntil = mono + outputTestMs;
  }

  /** Every output, on or off. */
  desired(mono: MonotonicMs): ReadonlyMap<PointKey, boolean> {
    return new Map([...this.#drives].map(([key, drive]) => [key, this.#isOn(drive, mono)]));
  }

  /** When any output changes next, provided the alarms stay as they are; undefined: never. */
  nextChange(mono: MonotonicMs): MonotonicMs | undefined {
    let next = Number.POSITIVE_INFINITY;
    const sooner = (at: MonotonicMs) => {
      if (at > mono && at < next) next = at;
    };
    for (const drive of this.#drives.values()) {
      sooner(drive.testedUntil);
      if (drive.pattern === undefined) continue;
      if (this.#isSilenced(drive, mono)) sooner(this.#silencedUntil);
      else sooner(mono + msToEdge(drive.pattern, mono - drive.beganAt));
    }
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  status(mono: MonotonicMs): readonly OutputStatus[] {
    return [...this.#drives].map(([key, drive]) => ({
      key,
      on: this.#isOn(drive, mono),
      alarms: drive.alarms,
      silenced: this.#isSilenced(drive, mono),
      testing: mono < drive.testedUntil,
    }));
  }

  #drive(drive: Drive, own: readonly Alarm[], mono: MonotonicMs): void {
    const callers = own.filter(calls);
    const pattern = patternFor(drive.settings, own, callers);
    const calling = idsOf(callers);
    if (pattern !== drive.pattern || !calling.isSubsetOf(drive.calling)) drive.beganAt = mono;
    drive.pattern = pattern;
    drive.calling = calling;
    drive.alarms = own.map(({ id }) => id);
  }

  #isOn(drive: Drive, mono: MonotonicMs): boolean {
    if (mono < drive.testedUntil) return true;
    if (drive.pattern === undefined || this.#isSilenced(drive, mono)) return false;
    return isOn(drive.pattern, mono - drive.beganAt);
  }

  #isSilenced({ settings, pattern }: Drive, mono: MonotonicMs): boolean {
    return settings.role === "buzzer" && pattern !== undefined && mono < this.#silencedUntil;
  }
}

function calls({ state }: Alarm): boolean {
  return state === "unacknowledged";
}

function idsOf(alarms: readonly Alarm[]): ReadonlySet<string> {
  return new Set(alarms.map(({ id }) => id));
}

/** Undefined: off. */
function patternFor(
  { role, flash }: OutputSettings,
  own: readonly Alarm[],
  callers: readonly Alarm[],
): Pattern | undefined {
  const [loudest] = callers.toSorted((a, b) => ranks[a.priority] - ranks[b.priority]);
  if (loudest !== undefined) return flash ? patternOf(role, loudest.priority) : steady;
  return role === "lamp" && own.length > 0 ? steady : undefined;
}
