import { RackwatchError } from "../drivers/errors.ts";
import { aborted } from "../gateway/runtime/stop.ts";
import { isSameSetting } from "../gateway/same-settings.ts";
import type { Part, SyncOptions } from "./sync-options.ts";

/** Pause before files that cannot be opened are tried again. */
const reopenMs = 10_000;

/** How often it is asked whether the configuration changed: a new receiver's first push waits as long. */
const lookMs = 1_000;

/** So long a message that is under way may still arrive when the configuration changed: else it would leave twice. */
const endMsMax = 5_000;

/** Parts that are made of the same settings, and begin anew when those change. */
export interface PartGroup {
  readonly name: string;
  madeOf(options: SyncOptions): unknown;
  parts(options: SyncOptions): readonly Part[];
}

interface Running {
  end(): Promise<void>;
}

/** Runs all groups until the signal is aborted; a group whose settings change ends, and begins with them. The others go on. */
export async function runGroups(
  first: SyncOptions,
  groups: readonly PartGroup[],
  signal: AbortSignal,
): Promise<void> {
  const ticks = new Ticks(first.ticked ?? (() => undefined));
  const fault = Promise.withResolvers<never>();
  const running = new Map<PartGroup, Running>();
  const begin = (group: PartGroup, options: SyncOptions) =>
    running.set(group, begun(group.parts(options), { options, ticks, signal, fail: fault.reject }));
  for (const group of groups) begin(group, first);
  const following = followed(first, signal, async (options, before) => {
    const changed = groups.filter(
      (group) => !isSameSetting(group.madeOf(before), group.madeOf(options)),
    );
    if (changed.length === 0) return;
    options.log.info("configuration changed", { anew: changed.map(({ name }) => name) });
    const anew = changed.map(async (group) => {
      await running.get(group)?.end();
      if (!signal.aborted) begin(group, options);
    });
    await Promise.all(anew);
  });
  await Promise.race([following, fault.promise]);
  await Promise.race([Promise.all([...running.values()].map((it) => it.end())), fault.promise]);
}

/** Until the signal is aborted. */
async function followed(
  first: SyncOptions,
  signal: AbortSignal,
  change: (options: SyncOptions, before: SyncOptions) => Promise<void>,
): Promise<void> {
  const { next, clock } = first;
  if (next === undefined) return aborted(signal);
  for (let options = first; !signal.aborted; ) {
    await clock.sleep(lookMs, signal).catch(() => undefined);
    const wanted = signal.aborted ? undefined : next();
    if (wanted === undefined) continue;
    await change(wanted, options);
    options = wanted;
  }
}

function begun(
  parts: readonly Part[],
  of: {
    readonly options: SyncOptions;
    readonly ticks: Ticks;
    readonly signal: AbortSignal;
    readonly fail: (fault: unknown) => void;
  },
): Running {
  const ends = new AbortController();
  const cuts = new AbortController();
  const signal = AbortSignal.any([of.signal, ends.signal]);
  const cut = AbortSignal.any([of.signal, cuts.signal]);
  const works = parts.map((part) =>
    of.ticks.during(part.name, (ticked) => keepRunning(part, of.options, ticked, signal, cut)),
  );
  const ended = Promise.all(works).then(() => undefined);
  ended.catch(of.fail);
  return {
    end: async () => {
      ends.abort();
      const timer = setTimeout(() => cuts.abort(), endMsMax);
      await ended.finally(() => clearTimeout(timer));
    },
  };
}

/** One tick when each part ticked that runs: one that hangs is not covered by another. */
class Ticks {
  readonly #ticked: () => void;
  readonly #seen = new Map<string, boolean>();

  constructor(ticked: () => void) {
    this.#ticked = ticked;
  }

  async during(name: string, work: (ticked: () => void) => Promise<void>): Promise<void> {
    this.#seen.set(name, false);
    try {
      await work(() => this.#tick(name));
    } finally {
      this.#seen.delete(name);
    }
  }

  #tick(name: string): void {
    this.#seen.set(name, true);
    if (![...this.#seen.values()].every(Boolean)) return;
    for (const part of this.#seen.keys()) this.#seen.set(part, false);
    this.#ticked();
  }
}

/** Until the signal is aborted; what cannot be opened is said once and tried again. */
export async function keepRunning(
  part: Part,
  { clock, log }: SyncOptions,
  ticked: () => void,
  signal: AbortSignal,
  cut: AbortSignal = signal,
): Promise<void> {
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      await part.run(signal, ticked, cut);
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      const { code, message, where, todo } = error;
      if (said !== message) {
        log.error(`${part.name} cannot start`, { code, message, where, todo });
      }
      said = message;
      ticked();
      await clock.sleep(reopenMs, signal).catch(() => undefined);
    }
  }
}
