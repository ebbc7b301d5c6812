import uPlot from "uplot";
import type { HistoryColumns } from "./history.ts";

interface ChartOptions {
  readonly columns: HistoryColumns;
  /** Switches jump, they do not slide. */
  readonly stepped: boolean;
  readonly timezone: string | undefined;
  readonly clock: (at: number) => string;
  readonly number: (value: number) => string;
}

const heightPx = 260;

/** Height of the y range when all values are equal: a flat line belongs into the middle. */
const flatSpan = 1;

/** Draws into `place` and follows its width. Returns what takes it away again. */
export function drawChart(place: HTMLElement, options: ChartOptions): () => void {
  const { columns, stepped, timezone } = options;
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    font: `13px ${style.fontFamily}`,
  };
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height: heightPx,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      ...(timezone !== undefined && {
        tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), timezone),
      }),
      scales: { y: { range: (_, low, high) => padded(low, high) } },
      axes: [
        { ...axis, space: 70, values: (_, splits) => splits.map((s) => options.clock(s * 1_000)) },
        { ...axis, size: 64, values: (_, splits) => splits.map((value) => options.number(value)) },
      ],
      series: [
        {},
        {
          stroke: colour("--accent"),
          width: 2,
          points: { show: false },
          ...(stepped && uPlot.paths.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
        },
      ],
      plugins: [readout(place, options)],
    },
    [columns.seconds, columns.values],
    place,
  );
  const follow = new ResizeObserver(() => {
    chart.setSize({ width: place.clientWidth, height: heightPx });
  });
  follow.observe(place);
  return () => {
    follow.disconnect();
    chart.destroy();
  };
}

function padded(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, flatSpan];
  const span = high - low;
  if (span === 0) return [low - flatSpan, high + flatSpan];
  return [low - span * 0.1, high + span * 0.1];
}

/** Value and time under the finger. */
function readout(place: HTMLElement, { clock, number }: ChartOptions): uPlot.Plugin {
  const label = document.createElement("p");
  label.className = "chart-readout";
  return {
    hooks: {
      init: () => place.append(label),
      setCursor: (chart) => {
        const at = chart.cursor.idx;
        const seconds = at == null ? undefined : chart.data[0][at];
        const value = at == null ? undefined : chart.data[1]?.[at];
        label.textContent =
          seconds === undefined || value == null
            ? ""
            : `${clock(seconds * 1_000)}  ${number(value)}`;
      },
      destroy: () => label.remove(),
    },
  };
}
