import type { downText } from "../../config/language/down.ts";
import type { MonotonicMs, PointKey } from "../../drivers/contract.ts";
import { fallsKept } from "../health/health-book.ts";
import type { LatestSample } from "../latest.ts";

type Text = (typeof downText)["en"];

/** How the gateway is, as far as a configuration may be the reason. */
export interface Vitals {
  readonly at: MonotonicMs;
  /** What is wrong, by part of the gateway. */
  readonly problems: ReadonlyMap<string, string>;
  /** By channel of the configuration. */
  readonly channels: ReadonlyMap<string, ChannelVitals>;
}

export interface ChannelVitals {
  /** Its driver has it open. */
  readonly isOpen: boolean;
  /** Of the points that are read on a schedule one has a value that is not too old. */
  readonly isRead: boolean;
  /** Of the points whose device decides when to speak one has a value. */
  readonly isTold: boolean;
  /** Of those one has none, and a reason. */
  readonly isBad: boolean;
  /** When it fell for the third time, counted from the last one backwards; undefined: it did not so often. */
  readonly fellThriceSince: MonotonicMs | undefined;
}

/** Falls of a channel within a trial that are no accident any more: as many as are remembered. */
export const fallsMax = fallsKept;

interface Source {
  readonly key: PointKey;
  /** Undefined where the device decides when to speak. */
  readonly staleAfterMs: number | undefined;
}

/** How a channel delivers, by the newest samples of its points. */
export function deliveryOf(
  points: readonly Source[],
  latest: (key: PointKey) => LatestSample | undefined,
  mono: MonotonicMs,
): Pick<ChannelVitals, "isRead" | "isTold" | "isBad"> {
  const found = points.flatMap(({ key, staleAfterMs }) => {
    const last = latest(key);
    if (last === undefined) return [];
    const isOld = staleAfterMs !== undefined && mono - last.mono > staleAfterMs;
    const hasValue = last.sample.quality !== "bad" && !isOld;
    return [{ hasValue, isScheduled: staleAfterMs !== undefined }];
  });
  return {
    isRead: found.some(({ hasValue, isScheduled }) => hasValue && isScheduled),
    isTold: found.some(({ hasValue, isScheduled }) => hasValue && !isScheduled),
    isBad: found.some(({ hasValue, isScheduled }) => !hasValue && !isScheduled),
  };
}

/** Parts that a configuration can break at once. A broker or a modem may fail by itself in the same minute. */
const judged = (part: string) =>
  part === "config" || part === "store" || part.startsWith("channel-");

/**
 * Why a configuration must not stay; undefined: it may. What was wrong before it is not its fault. Loops that stand still
 * are the watchdog's, which ends the process, and the next start takes the configuration back.
 */
export function verdict(before: Vitals, after: Vitals, text: Text): string | undefined {
  for (const [part, message] of after.problems) {
    if (judged(part) && !before.problems.has(part)) return text.newProblem(part, message);
  }
  for (const [id, now] of after.channels) {
    const was = before.channels.get(id);
    if (!now.isOpen && was?.isOpen !== false) return text.channelClosed(id);
    if (was !== undefined && isDead(was, now)) return text.channelDead(id);
    const watchedMs = after.at - before.at;
    const fallsNow = now.fellThriceSince !== undefined && now.fellThriceSince >= before.at;
    const fell = was?.fellThriceSince !== undefined && was.fellThriceSince >= before.at - watchedMs;
    if (fallsNow && !fell) return text.channelFalls(id, fallsMax);
  }
  return undefined;
}

/** A device that decides when to speak may be silent; one that is read on a schedule may not. */
function isDead(was: ChannelVitals, now: ChannelVitals): boolean {
  if (was.isRead) return !now.isRead;
  return was.isTold && !now.isTold && now.isBad;
}
