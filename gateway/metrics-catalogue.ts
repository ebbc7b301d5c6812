type Kind = "counter" | "gauge";

/**
 * Every figure of the gateway's `/metrics`: name without `rackwatch_`, kind, what it says, labels. Names stay. Labels have
 * few values, all from the configuration or from lists of this program: none is a point, a person or an address.
 */
export const gatewayMetrics = {
  polls_total: ["counter", "Answers and refusals of devices, by channel", "channel"],
  poll_failures_total: ["counter", "Those of them without a single good sample", "channel"],
  samples_received_total: ["counter", "Samples that came since the start", ""],
  samples_total: ["counter", "Samples behind the pipeline, by quality", "quality"],
  points: ["gauge", "Points by the quality of their newest sample", "quality"],
  response_seconds_sum: ["counter", "Time spent in rules, alarms and stock", ""],
  response_seconds_count: ["counter", "Steps of rules, alarms and stock", ""],
  response_seconds_max: ["gauge", "Longest of these steps since the start", ""],
  alarms: ["gauge", "Alarms by state and priority", "state, priority"],
  problem: ["gauge", "1 for each part of the gateway that is unwell", "part"],
  commits_total: ["counter", "Transactions of the store that are on disk", ""],
  commits_refused_total: ["counter", "Transactions that the disk refused", ""],
  commit_seconds_sum: ["counter", "Time spent in transactions", ""],
  commit_seconds_max: ["gauge", "Longest transaction since the start", ""],
  events_total: ["counter", "Events that were recorded, by kind", "kind"],
  clock_steps_total: ["counter", "Times that the wall clock was set", ""],
  clock_corrections_total: [
    "counter",
    "Boots whose times were corrected when the clock was set",
    "",
  ],
  clock_quality: ["gauge", "1 for what holds: synchronized, unsynchronized, unset", "quality"],
  store_on_disk: ["gauge", "0 while commits live in memory only", ""],
  store_bytes: ["gauge", "Store on disk, write-ahead log included", ""],
  store_wal_bytes: ["gauge", "Its write-ahead log", ""],
  store_ballast_bytes: ["gauge", "Space that is held back for a full disk; 0 after one", ""],
  disk_free_bytes: ["gauge", "What may still be written where the store is", ""],
  store_rows: ["gauge", "Rows in the store, by lane", "lane"],
  outbox_rows: ["gauge", "Rows that central has not confirmed, by lane", "lane"],
  outbox_age_seconds: ["gauge", "Age of the oldest of them", "lane"],
  store_lost_rows_total: [
    "counter",
    "Rows that were given up, by the reason that their gap events say",
    "reason",
  ],
  pushes: ["gauge", "Messages to people: waiting, or dead because nobody took them", "state"],
  pushes_dropped_total: ["counter", "Messages that had no room in the queue", ""],
  outputs_written_total: ["counter", "Writes to lamps, buzzers and relays that worked", ""],
  outputs_failed_total: ["counter", "Writes that failed", ""],
  sync_batches_total: ["counter", "Batches that central took since the agent started", "lane"],
  sync_rows_total: ["counter", "Rows that central took", "lane"],
  sync_bytes_total: ["counter", "Bytes of the batches as they were sent", "lane"],
  sync_failures_total: ["counter", "Requests of the agent that failed, by code", "code"],
  sync_gaps_total: ["counter", "Declarations of rows that will never come", ""],
  sync_rejected_rows_total: ["counter", "Rows that central set aside", ""],
  sync_rows_per_second: ["gauge", "Samples a second that central took lately", ""],
  sync_eta_seconds: ["gauge", "Until the backlog is gone, at this rate", ""],
  sync_contact_age_seconds: ["gauge", "Since central last answered, by the wall clock", ""],
  sync_agent_age_seconds: [
    "gauge",
    "Since the agent last wrote its figures, by the wall clock",
    "",
  ],
  sync_road_backlog_rows: ["gauge", "Rows that a road did not deliver yet", "road, lane"],
  sync_road_contact_age_seconds: [
    "gauge",
    "Since the other end of a road last answered, by the wall clock",
    "road",
  ],
  sync_road_problem: ["gauge", "1 for a road with something in its way", "road, code"],
  sync_gone_seconds: ["gauge", "How long central has not answered, by the monotonic clock", ""],
  process_resident_memory_bytes: ["gauge", "Memory of the gateway", ""],
  process_cpu_seconds_total: ["counter", "Processor time of the gateway", ""],
  process_written_bytes_total: ["counter", "Bytes that the gateway gave to the disk", ""],
  process_start_time_seconds: ["gauge", "When the gateway started, in seconds since 1970", ""],
  event_loop_delay_seconds: [
    "gauge",
    "99th percentile of the loop's delay since the last question",
    "",
  ],
} as const satisfies Readonly<Record<string, readonly [Kind, help: string, labels: string]>>;
export type GatewayMetric = keyof typeof gatewayMetrics;

export type Reading = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Text format of Prometheus 0.0.4; a family without a reading is left out. */
export function exposition(
  prefix: string,
  catalogue: Readonly<Record<string, readonly [Kind, string, string]>>,
  readings: Readonly<Record<string, readonly Reading[] | number | undefined>>,
): string {
  const lines = Object.entries(catalogue).flatMap(([name, [kind, help]]) => {
    const read = readings[name];
    const list = typeof read === "number" ? [[{}, read] as const] : (read ?? []);
    if (list.length === 0) return [];
    const full = `${prefix}${name}`;
    const rows = list.map(([labels, value]) => `${full}${labelsText(labels)} ${value}`);
    return [`# HELP ${full} ${help}`, `# TYPE ${full} ${kind}`, ...rows];
  });
  return `${lines.join("\n")}\n`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (value: string) =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** How often each combination occurs. */
export function counted(kinds: Iterable<Readonly<Record<string, string>>>): readonly Reading[] {
  const counts = new Map<string, [Readonly<Record<string, string>>, number]>();
  for (const kind of kinds) {
    const entry = counts.get(JSON.stringify(kind));
    if (entry === undefined) counts.set(JSON.stringify(kind), [kind, 1]);
    else entry[1] += 1;
  }
  return [...counts.values()];
}
