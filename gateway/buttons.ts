import type { Config } from "../config/schema/config.ts";
import type { Clock, Log, MonotonicMs, Sample } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { needsAcknowledge } from "./alarms/lifecycle.ts";
import type { AlarmView } from "./panel/api.ts";

/** A hand does not press twice in this time; what comes sooner is the same press. */
const pressPauseMs = 1_000;

/** Nobody leans on a button for so long: it is stuck, or wired the wrong way round. Logged once. */
const stuckMs = 60_000;

type Waiting = Pick<AlarmView, "id" | "state" | "priority" | "raisedAt">;

export interface ButtonActions {
  alarms(): readonly Waiting[];
  /** @throws RackwatchError `alarm/...`, for example where a comment is wanted, which a button cannot give. */
  acknowledge(alarm: string, person: string, comment: string | undefined): Promise<unknown>;
  silence(minutes: number, person: string): Promise<void>;
}

interface Button {
  readonly press: (person: string) => void;
  /** Undefined until its first good sample: a button that is held at the start was not pressed now. */
  held: boolean | undefined;
  heldSinceMs: MonotonicMs;
  pressedMs: MonotonicMs;
  isToldStuck: boolean;
}

/**
 * Push-buttons on the gateway itself, for a night guard who has no screen. A press does what the panel's buttons do,
 * and on record it was `button device/point`. Critical alarms may not be acknowledged in bulk (ISA-18.2): each press
 * takes the one that waits longest, and all lesser ones.
 */
export class Buttons {
  readonly #buttons: ReadonlyMap<string, Button>;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(config: Config["buttons"], actions: ButtonActions, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    const silence = (person: string) => void actions.silence(config.silenceFor / 60_000, person);
    const acknowledge = (person: string) => void acknowledgeNext(actions, person, log);
    this.#buttons = new Map([
      ...config.silence.map((key) => [key, newButton(silence)] as const),
      ...config.acknowledge.map((key) => [key, newButton(acknowledge)] as const),
    ]);
  }

  seen(samples: readonly Sample[]): void {
    for (const sample of samples) {
      const button = this.#buttons.get(sample.point);
      if (button === undefined || sample.quality !== "good") continue;
      this.#look(sample.point, button, sample.value === true);
    }
  }

  #look(point: string, button: Button, isHeld: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    const isPressed = isHeld && button.held === false;
    if (isHeld !== button.held) {
      button.heldSinceMs = nowMs;
      button.isToldStuck = false;
    }
    button.held = isHeld;
    if (isHeld && !button.isToldStuck && nowMs - button.heldSinceMs >= stuckMs) {
      button.isToldStuck = true;
      this.#log.warn("button stuck", { point });
    }
    if (!isPressed || nowMs - button.pressedMs < pressPauseMs) return;
    button.pressedMs = nowMs;
    button.press(`button ${point}`);
  }
}

function newButton(press: Button["press"]): Button {
  const never = Number.NEGATIVE_INFINITY;
  return { press, held: undefined, heldSinceMs: never, pressedMs: never, isToldStuck: false };
}

async function acknowledgeNext(actions: ButtonActions, person: string, log: Log): Promise<void> {
  const alarms = actions.alarms().filter(({ state }) => needsAcknowledge(state));
  const isCritical = ({ priority }: Waiting) => priority === "critical";
  for (const { id } of alarms.filter((alarm) => !isCritical(alarm))) {
    await tryAcknowledge(actions, id, person, log);
  }
  // One that a button may not acknowledge must not stand before the others for ever.
  for (const { id } of alarms.filter(isCritical).toSorted((a, b) => a.raisedAt - b.raisedAt)) {
    if (await tryAcknowledge(actions, id, person, log)) return;
  }
}

/** A refusal must not end the channel that the button hangs on. */
async function tryAcknowledge(
  actions: ButtonActions,
  alarm: string,
  person: string,
  log: Log,
): Promise<boolean> {
  try {
    await actions.acknowledge(alarm, person, undefined);
    return true;
  } catch (error) {
    if (error instanceof RackwatchError) {
      log.warn("button refused", { alarm, person, code: error.code });
    } else {
      log.error("button failed", { alarm, person, err: error });
    }
    return false;
  }
}
