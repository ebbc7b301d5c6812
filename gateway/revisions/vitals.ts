import type { downText } from "../../config/language/down.ts";

type Text = (typeof downText)["en"];

/** How the gateway is, as far as a configuration may be the reason. */
export interface Vitals {
  /** What is wrong, by part of the gateway. */
  readonly problems: ReadonlyMap<string, string>;
  /** Channels of the configuration, and whether any of their points has a value. */
  readonly channels: ReadonlyMap<string, boolean>;
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
  const delivered = [...before.channels].filter(([, delivers]) => delivers).map(([id]) => id);
  const dead = delivered.find((id) => after.channels.get(id) === false);
  if (dead !== undefined) return text.channelDead(dead);
  return undefined;
}
