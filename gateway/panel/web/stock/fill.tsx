import type { StockView } from "../../stock-api.ts";
import { usePanel } from "../panel.ts";

const width = 100;
const height = 10;

/** How full it is between nothing and the maximum, with the minimum and the reorder point marked. */
export function Fill({ view }: { readonly view: StockView }) {
  const { format } = usePanel();
  const { quantity, available, min, max, reorderPoint } = view;
  const full = max ?? Math.max((min ?? 0) * 2, (reorderPoint ?? 0) * 2, 0);
  if (full <= 0) return null;
  const at = (value: number) => Math.min(1, Math.max(0, value / full)) * width;
  const marks = [min, reorderPoint].filter((mark) => mark !== undefined && mark < full);
  return (
    <span class="fill" title={format.value.number(Math.round((quantity / full) * 100), "%")}>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="fill-ground" width={width} height={height} />
        <rect class="fill-locked" width={at(quantity)} height={height} />
        <rect class="fill-body" width={at(available)} height={height} />
        {marks.map((mark) => (
          <line
            key={mark}
            class="fill-mark"
            x1={at(mark ?? 0)}
            x2={at(mark ?? 0)}
            y2={height}
            vector-effect="non-scaling-stroke"
          />
        ))}
      </svg>
    </span>
  );
}
