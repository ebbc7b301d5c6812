import { isDeepStrictEqual } from "node:util";
import { priorityRanks } from "../../config/schema/priority-rank.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { MonotonicMs, PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Alarm } from "./alarm.ts";
import { calls, concerns, isShown, type Slot } from "./annunciator-slots.ts";
import { heartbeatBlink, isOn, msToEdge, type Pattern, patternOf, steady } from "./pattern.ts";

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

/** The alarm loop turns four times a second: when it has not for this long the heartbeat goes out. */
export const heartbeatMsMax = 2_000;

export interface OutputSettings {
  readonly role: "lamp" | "buzzer";
  /**
   * False where each change is a message on a slow bus or wears a relay: steady instead of a
   * rhythm.
   */
  readonly flash: boolean;
  /** Annunciators that it is part of, besides the rules that name it. */
  readonly slots?: readonly Slot[];
}

export interface OutputStatus {
  readonly key: PointKey;
  readonly on: boolean;
  /** It shows something, in the dark moments of a rhythm too. */
  readonly driven: boolean;
  /** Ids of the alarms that drive it. */
  readonly alarms: readonly string[];
  /** It would sound, were it not for the silence. */
  readonly silenced: boolean;
  readonly testing: boolean;
}

interface Drive {
  readonly settings: OutputSettings;
  readonly isGreen: boolean;
  readonly isHeartbeat: boolean;
  alarms: ReadonlySet<string>;
  /** Undefined: off. */
  pattern: Pattern | undefined;
  /** Calls behind the pattern: one more, and it begins anew. */
  calling: ReadonlySet<string>;
  beganAt: MonotonicMs;
  testedUntil: MonotonicMs;
}

/** What an update found for one output. */
interface Found {
  readonly alarms: Set<string>;
  readonly calling: Set<string>;
  loudest: Priority | undefined;
}

const never = Number.NEGATIVE_INFINITY;

/**
 * Alarms -> what each output shows. On an output that several alarms share the unacknowledged one
 * with the highest priority gives the pattern; acknowledged, returned and latched ones keep a lamp
 * on and a buzzer off; shelved, suppressed and out-of-service ones show nothing. A pattern begins
 * with its alarm, so nobody waits for the next burst. Time is given; silence and tests are
 * forgotten by a restart.
 */
export class Annunciator {
  #drives: ReadonlyMap<PointKey, Drive> = new Map();
  #slots: ReadonlyMap<string, readonly Slot[]> = new Map();
  #calling: ReadonlySet<string> = new Set();
  #silencedUntil: MonotonicMs = never;
  #beatAt: MonotonicMs = never;

  constructor(outputs: ReadonlyMap<PointKey, OutputSettings>) {
    this.configure(outputs);
  }

  /**
   * Other outputs from now on, until the next `update` with what they showed last. One that is what it was keeps its
   * rhythm; silence goes on.
   */
  configure(outputs: ReadonlyMap<PointKey, OutputSettings>): void {
    const before = this.#drives;
    this.#drives = new Map(
      [...outputs].map(([key, settings]) => {
        const known = before.get(key);
        const isSame = known !== undefined && isDeepStrictEqual(known.settings, settings);
        return [key, isSame ? known : newDrive(settings)];
      }),
    );
    const slots = [...outputs.values()].flatMap((settings) => settings.slots ?? []);
    this.#slots = Map.groupBy(slots, ({ annunciator }) => annunciator);
  }

  /** All alarms as they are now. A call that was not there before ends the silence. */
  update(alarms: readonly Alarm[], mono: MonotonicMs): void {
    const calling = new Set<string>();
    const found = new Map<PointKey, Found>();
    const dark = new Set<PointKey>();
    for (const alarm of alarms) {
      if (!isShown(alarm)) continue;
      // Its text is made once an alarm and not once an output: a flood has thousands of those.
      const call = calls(alarm) ? callOf(alarm) : undefined;
      if (call !== undefined) calling.add(call);
      for (const output of alarm.outputs) add(found, output, alarm, call);
      for (const name of alarm.annunciate ?? []) {
        for (const slot of this.#slots.get(name) ?? []) {
          if (!concerns(slot, alarm)) continue;
          if (slot.is === "green") dark.add(slot.output);
          else add(found, slot.output, alarm, call);
        }
      }
    }
    if (!calling.isSubsetOf(this.#calling)) this.#silencedUntil = never;
    this.#calling = calling;
    for (const [key, drive] of this.#drives) {
      if (!drive.isHeartbeat) show(drive, found.get(key), drive.isGreen && !dark.has(key), mono);
    }
  }

  /** The alarm loop turns. True: it had not for long, so that heartbeats begin now. */
  beat(mono: MonotonicMs): boolean {
    const began = !this.#beats(mono);
    this.#beatAt = mono;
    return began;
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
      if (drive.isHeartbeat) {
        if (this.#beats(mono)) sooner(mono + msToEdge(beatOf(drive), mono));
        sooner(this.#beatAt + heartbeatMsMax);
      } else if (drive.pattern !== undefined) {
        if (this.#isSilenced(drive, mono)) sooner(this.#silencedUntil);
        else sooner(mono + msToEdge(drive.pattern, mono - drive.beganAt));
      }
    }
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  status(mono: MonotonicMs): readonly OutputStatus[] {
    return [...this.#drives].map(([key, drive]) => {
      const silenced = this.#isSilenced(drive, mono);
      return {
        key,
        on: this.#isOn(drive, mono),
        driven: drive.isHeartbeat ? this.#beats(mono) : drive.pattern !== undefined && !silenced,
        alarms: [...drive.alarms],
        silenced,
        testing: mono < drive.testedUntil,
      };
    });
  }

  #isOn(drive: Drive, mono: MonotonicMs): boolean {
    if (mono < drive.testedUntil) return true;
    if (drive.isHeartbeat) return this.#beats(mono) && isOn(beatOf(drive), mono);
    if (drive.pattern === undefined || this.#isSilenced(drive, mono)) return false;
    return isOn(drive.pattern, mono - drive.beganAt);
  }

  #beats(mono: MonotonicMs): boolean {
    return mono < this.#beatAt + heartbeatMsMax;
  }

  #isSilenced({ settings, pattern }: Drive, mono: MonotonicMs): boolean {
    return settings.role === "buzzer" && pattern !== undefined && mono < this.#silencedUntil;
  }
}

function newDrive(settings: OutputSettings): Drive {
  const slots = settings.slots ?? [];
  return {
    settings,
    isGreen: slots.some(({ is }) => is === "green"),
    isHeartbeat: slots.some(({ is }) => is === "heartbeat"),
    alarms: new Set(),
    pattern: undefined,
    calling: new Set(),
    beganAt: 0,
    testedUntil: never,
  };
}

/** An alarm whose priority rose calls anew, though it is the same occurrence. */
function callOf({ id, priority, reAlarms = 0 }: Alarm): string {
  return `${id} ${priority} ${reAlarms}`;
}

function add(
  found: Map<PointKey, Found>,
  output: PointKey,
  alarm: Alarm,
  call: string | undefined,
): void {
  let own = found.get(output);
  if (own === undefined) {
    own = { alarms: new Set(), calling: new Set(), loudest: undefined };
    found.set(output, own);
  }
  own.alarms.add(alarm.id);
  if (call === undefined) return;
  own.calling.add(call);
  if (own.loudest === undefined || priorityRanks[alarm.priority] < priorityRanks[own.loudest]) {
    own.loudest = alarm.priority;
  }
}

const nobody: ReadonlySet<string> = new Set();

function show(drive: Drive, found: Found | undefined, isWell: boolean, mono: MonotonicMs): void {
  const calling = found?.calling ?? nobody;
  const pattern = found === undefined ? (isWell ? steady : undefined) : patternFor(drive, found);
  if (pattern !== drive.pattern || !calling.isSubsetOf(drive.calling)) drive.beganAt = mono;
  drive.pattern = pattern;
  drive.calling = calling;
  drive.alarms = found?.alarms ?? nobody;
}

/** Undefined: off. */
function patternFor({ settings }: Drive, { loudest }: Found): Pattern | undefined {
  const { role, flash } = settings;
  if (loudest !== undefined) return flash ? patternOf(role, loudest) : steady;
  return role === "lamp" ? steady : undefined;
}

function beatOf({ settings }: Drive): Pattern {
  return settings.flash ? heartbeatBlink : steady;
}
