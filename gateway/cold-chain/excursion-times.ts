import type { EpochMs } from "../../drivers/contract.ts";
import { clockFloor } from "../runtime/machine.ts";
import { fixOf, type TimeCorrection } from "../store/time-shift.ts";
import type { Excursion } from "./excursion.ts";

/** Every time that the gateway's clock gave to an excursion, each once. */
export function timesOf(excursion: Excursion): readonly EpochMs[] {
  const { start, end, peak, trail, dispositions, updatedAt, last } = excursion;
  const all = [
    ...[start, end, peak?.at, updatedAt, last?.at, last?.insideSince],
    ...trail.map(({ at }) => at),
    ...dispositions.map(({ at }) => at),
  ];
  return [...new Set(all.filter((at) => at !== undefined))];
}

/** Times that nothing found out of this boot's clock is about: they were there before it, as far as that can be known. */
export function settledOf(excursion: Excursion, boot: string): readonly EpochMs[] {
  const { state, last, settled = [] } = excursion;
  if (state === "closed") return timesOf(excursion).filter((at) => at >= clockFloor);
  return last?.boot === boot ? settled : timesOf(excursion);
}

/** At its true times but for those that are settled; the same object where none changes. */
export function atTrueTimes(
  excursion: Excursion,
  correction: TimeCorrection,
  settled: readonly EpochMs[] = [],
): Excursion {
  const fix = fixOf(correction, settled);
  if (timesOf(excursion).every((at) => fix(at) === at)) return excursion;
  const { start, end, peak, trail, dispositions, updatedAt, last } = excursion;
  const inside = last?.insideSince;
  return {
    ...excursion,
    start: fix(start),
    ...(end !== undefined && { end: fix(end) }),
    ...(peak !== undefined && { peak: { ...peak, at: fix(peak.at) } }),
    trail: trail.map((entry) => ({ ...entry, at: fix(entry.at) })),
    dispositions: dispositions.map((entry) => ({ ...entry, at: fix(entry.at) })),
    updatedAt: fix(updatedAt),
    ...(last !== undefined && {
      last: {
        ...last,
        at: fix(last.at),
        correctedMono: correction.mono,
        ...(inside !== undefined && { insideSince: fix(inside) }),
      },
    }),
  };
}

/** What was found out of the clock since an open one was saved, and was not carried over into it. */
export function missedBy(
  { last }: Excursion,
  corrections: readonly TimeCorrection[],
): readonly TimeCorrection[] {
  if (last === undefined) return [];
  const known = last.correctedMono ?? Number.NEGATIVE_INFINITY;
  return corrections.filter(
    ({ boot, mono }) => boot === last.boot && mono >= last.mono && mono > known,
  );
}
