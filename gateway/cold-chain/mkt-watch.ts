import type { Config } from "../../config/schema/config.ts";
import type { MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import { conversion } from "../pipeline/unit.ts";
import type { Instant } from "../rules/rule.ts";
import type { WatchedPoint } from "./excursion-rule.ts";
import { KineticWindow } from "./kinetic-window.ts";
import { gapIntervals, type Mkt } from "./mkt.ts";

/** Two readings of a point that speaks when it likes may lie this far apart: the cadence of a record. */
const gapMsDefault = 2_700_000;

/** The rolling mean kinetic temperature of one point of a location whose profile limits it. */
export interface MktFigure {
  readonly location: string;
  readonly point: PointKey;
  readonly windowMs: number;
  /** Degrees Celsius. */
  readonly max: number;
  readonly mkt: Mkt;
  readonly isOver: boolean;
}

interface Watched {
  readonly location: string;
  readonly point: PointKey;
  readonly windowMs: number;
  readonly max: number;
  readonly coverageMin: number;
  readonly toCelsius: (value: number) => number;
  readonly window: KineticWindow;
}

/** Rolling windows (24 h, 30 d) of the profiles. In memory only: the record fills them after a start. */
export class MktWatch {
  readonly #watched: readonly Watched[];
  readonly #byPoint = new Map<PointKey, readonly Watched[]>();

  constructor(
    { locations, profiles }: Pick<Config, "locations" | "profiles">,
    points: ReadonlyMap<PointKey, WatchedPoint>,
  ) {
    this.#watched = Object.entries(locations).flatMap(
      ([location, { profile, temperature = [] }]) => {
        const mkt = profile === undefined ? undefined : profiles[profile]?.mkt;
        if (mkt === undefined) return [];
        return temperature.flatMap((point): Watched[] => {
          const known = points.get(point);
          const unit = known?.unit ?? "Cel";
          const toCelsius = unit === "Cel" ? (value: number) => value : conversion(unit, "Cel");
          if (toCelsius === undefined) return [];
          const { window: windowMs, max, coverageMin } = mkt;
          const everyMs = known?.everyMs;
          const gapMs = everyMs === undefined ? gapMsDefault : everyMs * gapIntervals;
          const window = new KineticWindow(windowMs, gapMs);
          return [{ location, point, windowMs, max, coverageMin, toCelsius, window }];
        });
      },
    );
    for (const watched of this.#watched) {
      const { point } = watched;
      this.#byPoint.set(point, [...(this.#byPoint.get(point) ?? []), watched]);
    }
  }

  /** The points, each with its longest window: what is to be read from the record after a start. */
  get windows(): ReadonlyMap<PointKey, number> {
    const longest = new Map<PointKey, number>();
    for (const { point, windowMs } of this.#watched) {
      longest.set(point, Math.max(windowMs, longest.get(point) ?? 0));
    }
    return longest;
  }

  /**
   * Live samples, or records from before the start with the monotonic time that they would have had; oldest first.
   * @param outOfService Whether a point counts for nothing at present.
   */
  step(
    samples: readonly Sample[],
    { mono }: Pick<Instant, "mono">,
    outOfService: (point: PointKey) => boolean = () => false,
  ): void {
    for (const sample of samples) {
      const watched = this.#byPoint.get(sample.point);
      if (watched === undefined || sample.quality === "uncertain") continue;
      const given = sample.quality === "good" ? sample.value : undefined;
      const value = typeof given === "number" && !outOfService(sample.point) ? given : undefined;
      for (const { window, toCelsius } of watched) {
        window.add(value === undefined ? undefined : toCelsius(value), mono);
      }
    }
  }

  /** A stretch of the record that is known to be covered, though its records lie farther apart than readings do. */
  fill(point: PointKey, value: number, from: MonotonicMs, to: MonotonicMs): void {
    for (const { window, toCelsius } of this.#byPoint.get(point) ?? []) {
      window.put(toCelsius(value), from, to);
    }
  }

  figures(mono: MonotonicMs): readonly MktFigure[] {
    return this.#watched.map(({ location, point, windowMs, max, coverageMin, window }) => {
      const mkt = window.mkt(mono, coverageMin);
      return { location, point, windowMs, max, mkt, isOver: "celsius" in mkt && mkt.celsius > max };
    });
  }
}
