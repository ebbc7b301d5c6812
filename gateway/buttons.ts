import type { Config } from "../config/schema/config.ts";
import type { Clock, Log, MonotonicMs, Sample } from "../drivers/contract.ts";
import type { AlarmView } from "./panel/api.ts";

/** A hand does not press twice in this time; what comes sooner is the same press. */
const pressPauseMs = 1_000;

/** Nobody leans on a button for so long: it is stuck, or wired the wrong way round. Logged once. */
const stuckMs = 60_000;

export interface ButtonActions {
  alarms(): readonly Pick<AlarmView, "id" | "state">[];
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
 * and on record it was `button device/point`.
 */
export class Buttons {
  readonly #buttons: ReadonlyMap<string, Button>;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(config: Config["buttons"], actions: ButtonActions, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    const silence = (person: string) => void actions.silence(config.silenceFor / 60_000, person);
    const acknowledge = (person: string) => acknowledgeAll(actions, person);
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

function acknowledgeAll(actions: ButtonActions, person: string): void {
  for (const { id, state } of actions.alarms()) {
    if (state === "unacknowledged" || state === "returned-unacknowledged")
      void actions.acknowledge(id, person, undefined);
  }
}
