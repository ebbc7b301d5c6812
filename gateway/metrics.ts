import type { Quality } from "../drivers/contract.ts";
import type { AlarmView } from "./panel/api.ts";
import type { LaneStatus } from "./store/store.ts";

export interface MetricsInput {
  readonly samplesTotal: number;
  readonly points: readonly Quality[];
  readonly alarms: readonly AlarmView[];
  readonly problems: readonly string[];
  readonly lanes: Readonly<Record<string, LaneStatus>>;
  readonly storeBytes: number;
  readonly rssBytes: number;
}

/** Counters in the text format of Prometheus (exposition format 0.0.4). */
export function metricsText(input: MetricsInput): string {
  const lines = [
    ...family("samples_received_total", "counter", [["", input.samplesTotal]]),
    ...family("points", "gauge", count(input.points, "quality")),
    ...family(
      "alarms",
      "gauge",
      count(
        input.alarms.map(({ state }) => state),
        "state",
      ),
    ),
    ...family(
      "problem",
      "gauge",
      input.problems.map((part): Reading => [`{part="${part}"}`, 1]),
    ),
    ...family(
      "outbox_rows",
      "gauge",
      Object.entries(input.lanes).map(
        ([lane, { backlog }]): Reading => [`{lane="${lane}"}`, backlog],
      ),
    ),
    ...family("store_bytes", "gauge", [["", input.storeBytes]]),
    ...family("process_resident_memory_bytes", "gauge", [["", input.rssBytes]]),
  ];
  return `${lines.join("\n")}\n`;
}

type Reading = readonly [labels: string, value: number];

function family(name: string, type: "counter" | "gauge", readings: readonly Reading[]): string[] {
  const full = `rackwatch_${name}`;
  return [
    `# TYPE ${full} ${type}`,
    ...readings.map(([labels, value]) => `${full}${labels} ${value}`),
  ];
}

function count(kinds: readonly string[], label: string): readonly Reading[] {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, n]) => [`{${label}="${kind}"}`, n]);
}
