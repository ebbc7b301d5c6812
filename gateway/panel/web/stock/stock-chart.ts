import uPlot from "uplot";
import type { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { ItemOutlook } from "../../stock-api.ts";
import { stockColumns } from "./stock-columns.ts";

interface StockChartOptions {
  readonly amount: (value: number) => string;
  readonly number: (value: number) => string;
  readonly words: (typeof panelStockText)["en"]["chart"];
}

const heightPx = 300;

/** Draws past and future of an item into `place` and follows its width. Returns what takes it away again. */
export function drawStockChart(
  place: HTMLElement,
  outlook: ItemOutlook,
  options: StockChartOptions,
): () => void {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const columns = stockColumns(outlook);
  const font = `13px ${style.fontFamily}`;
  const axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    font,
  };
  const bars = uPlot.paths.bars?.({ size: [0.7, 16] });
  const steps = uPlot.paths.stepped?.({ align: -1 });
  const none = { points: { show: false } };
  const { min, max, reorderPoint } = outlook.stock;
  const lines = [
    { at: min, colour: colour("--high") },
    { at: reorderPoint, colour: colour("--medium") },
    { at: max, colour: colour("--low") },
  ];
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height: heightPx,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      // Days are names here, not instants: they stand at midnight UTC and are read so.
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "UTC"),
      scales: { y: { range: (_, _low, high) => [0, Math.max(1, high ?? 1) * 1.08] } },
      axes: [
        { ...axis, space: 60, values: (_, splits) => splits.map(dayText) },
        { ...axis, size: 56, values: (_, splits) => splits.map(options.number) },
      ],
      bands: [{ series: [5, 4], fill: colour("--stock-band") }],
      series: [
        {},
        { stroke: colour("--accent"), width: 2, ...(steps && { paths: steps }), ...none },
        {
          fill: colour("--stock-demand"),
          stroke: colour("--stock-demand"),
          width: 0,
          ...(bars && { paths: bars }),
          ...none,
        },
        { stroke: colour("--accent"), width: 2, dash: [6, 5], ...none },
        { stroke: colour("--stock-band-edge"), width: 1, ...none },
        { stroke: colour("--stock-band-edge"), width: 1, ...none },
      ],
      plugins: [
        limitLines(lines),
        today(columns.todaySeconds, axis.stroke),
        readout(place, options),
      ],
    },
    [
      [...columns.seconds],
      [...columns.quantity],
      [...columns.demand],
      [...columns.median],
      [...columns.low],
      [...columns.high],
    ],
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

/** Month and day, the same in both languages. */
function dayText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(5, 10);
}

type Line = { readonly at: number | undefined; readonly colour: string };

/** Minimum, reorder point and maximum, dashed across. */
function limitLines(lines: readonly Line[]): uPlot.Plugin {
  return {
    hooks: {
      draw: (chart) => {
        const { ctx, bbox } = chart;
        ctx.save();
        ctx.setLineDash([3, 5]);
        ctx.lineWidth = 2;
        for (const { at, colour } of lines) {
          if (at === undefined) continue;
          const y = chart.valToPos(at, "y", true);
          if (y < bbox.top) continue;
          ctx.strokeStyle = colour;
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
        }
        ctx.restore();
      },
    },
  };
}

/** Where the past ends. */
function today(seconds: number | undefined, colour: string): uPlot.Plugin {
  return {
    hooks: {
      draw: (chart) => {
        if (seconds === undefined) return;
        const { ctx, bbox } = chart;
        const x = chart.valToPos(seconds, "x", true);
        ctx.save();
        ctx.strokeStyle = colour;
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.restore();
      },
    },
  };
}

/** Day and numbers under the finger. */
function readout(place: HTMLElement, { amount, words }: StockChartOptions): uPlot.Plugin {
  const label = document.createElement("p");
  label.className = "chart-readout";
  const textAt = (chart: uPlot, at: number): string => {
    const [seconds, quantity, demand, median, low, high] = chart.data.map((column) => column[at]);
    if (seconds == null) return "";
    const parts = [new Date(seconds * 1_000).toISOString().slice(0, 10)];
    if (quantity != null) parts.push(amount(quantity));
    if (demand != null && demand !== 0) parts.push(`${words.demand} ${amount(demand)}`);
    if (quantity == null && median != null && low != null && high != null) {
      parts.push(
        `${words.expected} ${amount(median)} (${words.between(amount(low), amount(high))})`,
      );
    }
    return parts.join("  ");
  };
  return {
    hooks: {
      init: () => place.append(label),
      setCursor: (chart) => {
        const at = chart.cursor.idx;
        label.textContent = at == null ? "" : textAt(chart, at);
      },
      destroy: () => label.remove(),
    },
  };
}
