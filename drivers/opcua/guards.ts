import type { EpochMs, PointKey, Sample } from "../contract.ts";
import type { Target } from "./targets.ts";
import type { Reading } from "./value.ts";

/** Readings of one point that wait for its guards: as many as a server may keep for one node. The oldest go first. */
const heldMax = 1_000;

interface Taken {
  readonly reading: Reading;
  readonly sampledAt: EpochMs;
}

interface Guarded {
  readonly key: PointKey;
  readonly guards: readonly { readonly key: PointKey; readonly reason: string }[];
  readonly held: Taken[];
  latest: Taken | undefined;
  /** When a guard last changed, until the point was told. */
  changedAt: EpochMs | undefined;
}

/**
 * Points that are bad while a switch of their device is on (`badWhile`): the weight of an overloaded scale is a
 * number, but no weight. A server sends the two in any order, so that readings wait until its message is through and
 * each guard was heard of. A guard that is bad keeps its last state; one that the server never had counts as off.
 */
export class Guards {
  readonly #guarded: ReadonlyMap<PointKey, Guarded>;
  readonly #dependants: ReadonlyMap<PointKey, readonly Guarded[]>;
  readonly #isOn = new Map<PointKey, boolean>();
  readonly #waiting = new Set<Guarded>();

  constructor(targets: readonly Target[]) {
    const guarded = targets.flatMap(guardedOf);
    this.#guarded = new Map(guarded.map((one) => [one.key, one]));
    const pairs = guarded.flatMap((one) => one.guards.map(({ key }) => ({ key, one })));
    const byGuard = Map.groupBy(pairs, ({ key }) => key);
    this.#dependants = new Map([...byGuard].map(([key, of]) => [key, of.map(({ one }) => one)]));
  }

  /** Takes a reading of any point in. @returns it as a sample when it need not wait for `release`. */
  take(key: PointKey, reading: Reading, sampledAt: EpochMs): Sample | undefined {
    this.#look(key, reading, sampledAt);
    const guarded = this.#guarded.get(key);
    if (guarded === undefined) return { point: key, sampledAt, ...reading };
    guarded.held.push({ reading, sampledAt });
    if (guarded.held.length > heldMax) guarded.held.shift();
    this.#waiting.add(guarded);
    return undefined;
  }

  /** Once a message of the server is through: what its guarded points are worth. */
  release(): readonly Sample[] {
    const ready = [...this.#waiting].filter(({ guards }) =>
      guards.every(({ key }) => this.#isOn.has(key)),
    );
    return ready.flatMap((one) => this.#releaseOne(one));
  }

  #look(key: PointKey, reading: Reading, sampledAt: EpochMs): void {
    const dependants = this.#dependants.get(key);
    if (dependants === undefined) return;
    const before = this.#isOn.get(key);
    const isOn = reading.quality === "bad" ? (before ?? false) : reading.value === true;
    if (isOn === before) return;
    this.#isOn.set(key, isOn);
    for (const one of dependants) {
      one.changedAt = sampledAt;
      this.#waiting.add(one);
    }
  }

  #releaseOne(one: Guarded): readonly Sample[] {
    const told = one.held.length > 0 ? [...one.held] : again(one);
    one.held.length = 0;
    one.changedAt = undefined;
    one.latest = told.at(-1) ?? one.latest;
    this.#waiting.delete(one);
    const reason = one.guards.find(({ key }) => this.#isOn.get(key) === true)?.reason;
    return told.map(({ reading, sampledAt }) =>
      reason === undefined
        ? { point: one.key, sampledAt, ...reading }
        : { point: one.key, sampledAt, quality: "bad", reason },
    );
  }
}

/** A value that has not changed while its guard has: the server does not send it again. */
function again({ latest, changedAt }: Guarded): readonly Taken[] {
  if (latest === undefined || changedAt === undefined) return [];
  return [{ reading: latest.reading, sampledAt: Math.max(latest.sampledAt, changedAt) }];
}

function guardedOf({ key, point: { badWhile } }: Target): readonly Guarded[] {
  if (badWhile === undefined) return [];
  const device = key.slice(0, key.indexOf("/"));
  const guards = badWhile.map((name) => ({ key: `${device}/${name}` as const, reason: name }));
  return [{ key, guards, held: [], latest: undefined, changedAt: undefined }];
}
