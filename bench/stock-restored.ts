import { loadConfig } from "../config/load.ts";
import { outputsOf } from "../gateway/annunciation.ts";
import { canConvert } from "../gateway/pipeline/unit.ts";
import { pointBook } from "../gateway/point-book.ts";
import { restoreResponse } from "../gateway/restored-response.ts";
import { configuredRules } from "../gateway/rules/configured-rules.ts";
import { openStore } from "../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";

const tickMs = 250;
const dayMs = 86_400_000;
const reviewTicks = 2_000;

interface Figures {
  readonly name: string;
  readonly [figure: string]: number | string;
}

/** A gateway's data folder on time that is moved by hand: what a start, a midnight and the reviews cost. */
export function restoredFigures(configFile: string, dir: string): readonly Figures[] {
  const loaded = loadConfig(configFile, {
    env: {},
    folder: dir,
    canConvert,
    secrets: "substitute",
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { config } = loaded;
  const clock = new ManualClock(Date.now());
  const { log } = memoryLog();
  const points = pointBook(config);
  const openedFrom = performance.now();
  using store = openStore({ dir, gatewayId: config.gateway.id, clock, log }).store;
  const openedMs = performance.now() - openedFrom;
  const cpuBefore = process.cpuUsage();
  const restoredFrom = performance.now();
  const restored = restoreResponse({
    ...{ config, points, store, clock, boot: "bench" },
    clockQuality: () => "synchronized",
    rules: configuredRules(config, points),
    outputs: outputsOf(points, config).keys(),
  });
  const restoredMs = performance.now() - restoredFrom;
  const { user, system } = process.cpuUsage(cpuBefore);
  const { response, stock } = restored;
  const instant = () => ({ at: clock.now(), mono: clock.monotonicMs() });
  const tick = () => {
    const from = performance.now();
    const { state } = response.step([], instant());
    const tookMs = performance.now() - from;
    void clock.advance(tickMs);
    return { tookMs, reviewed: [...state.keys()].some((key) => key.startsWith("outlook/")) };
  };
  const first = tick();
  const all = [...stock.parts.items.stocked()];
  const recomputed = Array.from({ length: 5 }, () => {
    const from = performance.now();
    const lines = all.map((stocked) => stock.parts.lines.line(stocked));
    const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);
    stock.parts.warnings.recompute(lines, { at: clock.now(), dated: true, dateOf });
    return performance.now() - from;
  });
  clock.setWall(clock.now() + dayMs);
  const ticks = Array.from({ length: reviewTicks }, tick);
  const reviews = ticks.filter(({ reviewed }) => reviewed);
  const sum = (some: typeof ticks) => some.reduce((all, { tookMs }) => all + tookMs, 0);
  const most = (some: typeof ticks) => Math.max(0, ...some.map(({ tookMs }) => tookMs));
  const round = (value: number) => Math.round(value * 10) / 10;
  const midnight = ticks.slice(0, Math.ceil(all.length / 250) + 1);
  return [
    {
      name: "restored",
      lines: all.length,
      openedMs: round(openedMs),
      restoredMs: round(restoredMs),
      restoredCpuMs: round((user + system) / 1_000),
      firstTickMs: round(first.tookMs),
    },
    {
      name: "all lines and warnings anew",
      firstMs: round(recomputed[0] ?? Number.NaN),
      bestMs: round(Math.min(...recomputed)),
    },
    {
      name: "midnight",
      ticks: midnight.length,
      totalMs: round(sum(midnight)),
      longestMs: round(most(midnight)),
    },
    {
      name: "reviews",
      n: reviews.length,
      meanMs: round(sum(reviews) / reviews.length),
      longestMs: round(most(reviews)),
      ofAllAtOneATickMin: round((all.length * tickMs) / 60_000),
    },
  ];
}
