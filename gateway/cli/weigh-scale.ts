import type { Clock, PointKey, Sample, Session } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { SettleDetector } from "../stock/weighing/settle.ts";

export type Weighed =
  | { readonly is: "rest"; readonly kg: number }
  | { readonly is: "unstable" }
  /** Overload, silence: the reason as the driver names it. */
  | { readonly is: "no-weight"; readonly reason: string };

export interface WeighedPoint {
  readonly point: PointKey;
  readonly toKg: (value: number) => number;
  readonly divisionKg: number;
  readonly settleMs: number;
  /** How long a weight may take to rest. */
  readonly waitMs: number;
}

/** The scale under a shelf, as a person uses it: asked, it says at which weight it rests. */
export class RestingScale {
  readonly #of: WeighedPoint;
  readonly #clock: Clock;
  readonly #lost: Promise<never>;
  #hear: ((sample: Sample) => void) | undefined;

  constructor(of: WeighedPoint, session: Session, clock: Clock) {
    this.#of = of;
    this.#clock = clock;
    this.#lost = this.#listen(session);
    // It is looked at when somebody weighs.
    this.#lost.catch(() => undefined);
  }

  /** @throws what the session throws when the scale is gone. */
  async weigh(): Promise<Weighed> {
    const { divisionKg, settleMs, waitMs } = this.#of;
    const detector = new SettleDetector({ divisionKg, settleMs });
    const over = new AbortController();
    let last: Weighed = { is: "no-weight", reason: "timeout" };
    const rested = new Promise<Weighed>((settle) => {
      this.#hear = (sample) => {
        last = this.#judge(sample, detector);
        if (last.is === "rest") settle(last);
      };
    });
    const late = this.#clock.sleep(waitMs, over.signal).then(
      () => last,
      () => last,
    );
    try {
      return await Promise.race([rested, late, this.#lost]);
    } finally {
      this.#hear = undefined;
      over.abort();
    }
  }

  #judge(sample: Sample, detector: SettleDetector): Weighed {
    if (sample.quality === "bad" || typeof sample.value !== "number") {
      detector.forget();
      return { is: "no-weight", reason: sample.quality === "bad" ? sample.reason : "not-a-number" };
    }
    const isMoving = sample.quality === "uncertain";
    const [at, mono] = [sample.sampledAt, this.#clock.monotonicMs()];
    const kg = this.#of.toKg(sample.value);
    const restKg = detector.next({ kg, at, mono, ...(isMoving ? { stable: false } : {}) });
    return restKg === undefined ? { is: "unstable" } : { is: "rest", kg: restKg };
  }

  async #listen(session: Session): Promise<never> {
    for await (const samples of session.samples()) {
      for (const sample of samples) if (sample.point === this.#of.point) this.#hear?.(sample);
    }
    throw new RackwatchError("driver/connection-lost", "The scale says nothing more", {
      where: this.#of.point,
    });
  }
}
