import type { AlarmView, PointView } from "../api.ts";
import { Lazy } from "./components/lazy.tsx";
import { type Panel, usePanel } from "./panel.ts";
import { pointName } from "./reading.ts";

const loadFigures = async () => (await import("./alarms/alarm-figures.tsx")).AlarmFigures;

interface AlarmValuesProps {
  readonly alarm: AlarmView;
  /** Everything that is known of it, not only what says it at a glance. */
  readonly whole?: boolean;
}

/** The value that raised it, what it was compared with, and what the value is now; of stock, its figures. */
export function AlarmValues({ alarm, whole = false }: AlarmValuesProps) {
  if (alarm.figures === undefined) return <PointValues alarm={alarm} />;
  return <Lazy load={loadFigures} props={{ alarm, whole }} quiet />;
}

function PointValues({ alarm }: { readonly alarm: AlarmView }) {
  const panel = usePanel();
  const words = panel.text.value.alarms;
  const point = panel.snapshot.value?.points.find(({ key }) => key === alarm.point);
  const then = alarm.value === undefined ? undefined : valueText(panel, alarm.value, point);
  const now =
    point?.value === undefined || point.quality === "bad"
      ? undefined
      : valueText(panel, point.value, point);
  const limit = limitText(panel, alarm.limit, point);
  if (then === undefined && now === undefined && limit === undefined) return null;
  return (
    <dl class="alarm-values">
      {now !== undefined && (
        <div class="alarm-now">
          <dt>{words.valueNow}</dt>
          <dd>{now}</dd>
        </div>
      )}
      {then !== undefined && (
        <div class="alarm-then">
          <dt>{words.valueThen}</dt>
          <dd>{then}</dd>
        </div>
      )}
      {(limit !== undefined || point !== undefined) && (
        <div>
          <dt>{point === undefined ? "" : pointName(point)}</dt>
          <dd>{limit}</dd>
        </div>
      )}
    </dl>
  );
}

type Limit = NonNullable<AlarmView["limit"]>;

export function limitText(panel: Panel, limit: Limit | undefined, point: PointView | undefined) {
  if (limit === undefined) return undefined;
  const words = panel.text.value.alarms.limit;
  const { is, value, inclusive = false } = limit;
  const shown = valueText(panel, value, point);
  if (is === "equal") return words.equal(shown);
  if (is === "above") return inclusive ? words.atOrAbove(shown) : words.above(shown);
  return inclusive ? words.atOrBelow(shown) : words.below(shown);
}

export function valueText(
  panel: Panel,
  value: number | string | boolean,
  point: PointView | undefined,
) {
  const words = panel.text.value.points;
  if (typeof value === "boolean") return value ? words.on : words.off;
  return typeof value === "number" ? panel.format.value.quantity(value, point?.unit) : value;
}
