import { suggest } from "../../config/suggest.ts";
import type { EpochMs, PointDescription, PointKey } from "../../drivers/contract.ts";

export type PointKind = PointDescription["kind"];

/** What is known of a point while its samples are read. */
export interface KnownPoint {
  readonly key: PointKey;
  /** Undefined until its first value says it. */
  kind: PointKind | undefined;
  /** Of its newest sample so far. */
  newestAt: EpochMs;
  samples: number;
}

/** The points that samples may belong to. Without a configuration of devices the samples tell. */
export class PointNames {
  readonly #known: Map<string, KnownPoint>;
  readonly #isClosed: boolean;
  readonly #strange = new Set<string>();

  /** @param isClosed whether a point that is not in `kinds` is none. */
  constructor(kinds: ReadonlyMap<string, PointKind | undefined>, isClosed: boolean) {
    this.#known = new Map([...kinds].map(([name, kind]) => [name, knownPoint(name, kind)]));
    this.#isClosed = isClosed;
  }

  find(name: string): KnownPoint | undefined {
    const known = this.#known.get(name);
    if (known !== undefined || this.#isClosed || name === "") return known;
    // A slice of the text that was read would keep all of it.
    const own = Buffer.from(name).toString();
    const point = knownPoint(own, undefined);
    this.#known.set(own, point);
    return point;
  }

  /** Whether the strange name comes for the first time. */
  isNews(name: string): boolean {
    if (this.#strange.has(name)) return false;
    this.#strange.add(name);
    return true;
  }

  suggestion(name: string): string {
    return suggest(name, [...this.#known.keys()]);
  }

  seen(): readonly KnownPoint[] {
    return [...this.#known.values()].filter(({ samples }) => samples > 0);
  }
}

function knownPoint(name: string, kind: PointKind | undefined): KnownPoint {
  // The configuration's check, or the file of samples, decides which names are points.
  return { key: name as PointKey, kind, newestAt: Number.NEGATIVE_INFINITY, samples: 0 };
}
