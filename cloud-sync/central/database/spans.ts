/** Before this no gateway existed: such times come from clocks that were never set. */
export const firstMonth = Date.UTC(2024, 0, 1);

/** Partitions are made so long ahead; a housekeeping that stood still for a week still has where to write. */
export const aheadMs = 7 * 86_400_000;

/**
 * Rows a day from which on partitions are of a day. A month of fewer is at most 300 million rows, 60 GB with its index; a
 * day of 10,000 gateways with 100 samples a minute is 1.4 thousand million.
 */
export const dayRowsMin = 10_000_000;

const dayMs = 86_400_000;

/** Tables in partitions by time: the column that says which, and where rows of other times lie. */
export const families = {
  sample: { column: "sampled_at" },
  sample_minute: { column: "at" },
  sample_hour: { column: "at" },
} as const;
export type Family = keyof typeof families;

/** One partition: a month or a day in UTC. */
export interface Span {
  readonly table: string;
  readonly from: number;
  readonly until: number;
}

/** Where rows lie whose time only a strange clock can have told. */
export function strangeTable(family: Family): string {
  return `${family}_strange_time`;
}

export function monthSpan(family: Family, epochMs: number): Span {
  const date = new Date(epochMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const from = Date.UTC(year, month, 1);
  return { table: nameOf(family, from, 7), from, until: Date.UTC(year, month + 1, 1) };
}

export function daySpan(family: Family, epochMs: number): Span {
  const from = Math.floor(epochMs / dayMs) * dayMs;
  return { table: nameOf(family, from, 10), from, until: from + dayMs };
}

/** The name says the span: PostgreSQL prints bounds in the time zone of whoever asks. */
function nameOf(family: Family, from: number, chars: number): string {
  return `${family}_${new Date(from).toISOString().slice(0, chars).replaceAll("-", "_")}`;
}

/** The span of a partition by its name; undefined for another table. */
export function spanOfTable(family: Family, table: string): Span | undefined {
  const rest = table.startsWith(`${family}_`) ? table.slice(family.length + 1) : "";
  const [, year, month, day] = /^(\d{4})_(\d{2})(?:_(\d{2}))?$/.exec(rest) ?? [];
  if (year === undefined || month === undefined) return undefined;
  const from = Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1));
  return day === undefined ? monthSpan(family, from) : daySpan(family, from);
}

export function spanAt(spans: readonly Span[], epochMs: number): Span | undefined {
  return spans.find(({ from, until }) => epochMs >= from && epochMs < until);
}

/** Rows of this time have a partition of their own; others lie in the one for strange times. */
export function isOrdinary(epochMs: number, now: number): boolean {
  return epochMs >= firstMonth && epochMs < monthSpan("sample", now + aheadMs).until;
}

/**
 * The partition to make for an instant that has none. A month, but a day where days were made in that month already and,
 * from this month on, where so many rows come.
 */
export function spanToMake(
  of: { readonly family: Family; readonly known: readonly Span[]; readonly rowsPerDay: number },
  epochMs: number,
  now: number,
): Span {
  const month = monthSpan(of.family, epochMs);
  const isShared = of.known.some(({ from, until }) => from < month.until && until > month.from);
  const isDense = of.rowsPerDay >= dayRowsMin && month.until > now;
  return isShared || isDense ? daySpan(of.family, epochMs) : month;
}

/** A partition with the rows that PostgreSQL guesses it has; -1: it never looked. */
export interface Filled extends Span {
  readonly rows: number;
}

/** Rows that came a day of late, by the partitions that were open within the last two days. */
export function rowsPerDay(filled: readonly Filled[], now: number): number {
  const recent = filled.filter(({ from, until }) => from <= now && until > now - 2 * dayMs);
  const rates = recent.map(({ rows, from, until }) => {
    const openMs = Math.min(now, until) - from;
    // In its first hours a partition says little, and what it says is late rows as well.
    return openMs < dayMs / 4 ? 0 : (Math.max(0, rows) / openMs) * dayMs;
  });
  return Math.max(0, ...rates);
}
