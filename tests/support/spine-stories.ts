import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { eventually, getJson } from "./spine.ts";
import { alarmedPoints } from "./spine-device.ts";
import { patienceMs, type SpineSite } from "./spine-site.ts";

/** Longest rest of a level, high or low, behind its lamp. */
const restMsMax = 400;

/** How often the panel is asked. */
const lookMs = 100;

const alarmsSchema = z.array(z.object({ id: z.string(), rule: z.string(), state: z.string() }));

/** What somebody at the rack saw while programs were killed. */
export interface Seen {
  /** By rule: how often its lamp was lit and went out again. */
  readonly rounds: ReadonlyMap<string, number>;
  /** `alarm state`, as the panel showed it at some time. */
  readonly shown: ReadonlySet<string>;
}

/**
 * Levels rise until their lamp is lit, and fall until it is out, until the killing is over. Whatever is killed, each lamp
 * must come in the end, or this does not resolve.
 */
export async function tell(
  site: SpineSite,
  random: () => number,
  isOver: () => boolean,
): Promise<Seen> {
  const rounds = new Map<string, number>();
  const shown = new Set<string>();
  const ended = new AbortController();
  const watching = watch(site, shown, ended.signal);
  const { device } = site;
  const story = async (index: number) => {
    let told = 0;
    while (!isOver()) {
      for (const isHigh of [true, false]) {
        device.setHigh(index, isHigh);
        await eventually(
          () => device.isLit(index),
          (isLit) => isLit === isHigh,
          patienceMs,
        );
        await sleep(random() * restMsMax);
      }
      told += 1;
    }
    rounds.set(`high${index}`, told);
  };
  try {
    await Promise.all(Array.from({ length: alarmedPoints }, (_, index) => story(index)));
  } finally {
    ended.abort();
    await watching;
  }
  return { rounds, shown };
}

async function watch({ panel }: SpineSite, shown: Set<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const alarms = await getJson<unknown>(`${panel}/api/alarms`).catch(() => []);
    for (const { id, state } of alarmsSchema.parse(alarms)) {
      if (state !== "normal") shown.add(`${id} ${state}`);
    }
    await sleep(lookMs);
  }
}
