import type { PointView } from "../api.ts";
import { oldText } from "./age.ts";
import { Ago } from "./ago.tsx";
import { Shape } from "./components/shape.tsx";
import { Tag } from "./components/tag.tsx";
import { unitText } from "./format.ts";
import { usePanel } from "./panel.ts";
import { pointName, type Reading, readingOf } from "./reading.ts";
import { isUrgent, openAlarms, priorityShapes } from "./severity.ts";

/** One value, large. The whole card opens the last 24 hours. */
export function PointCard({ point }: { readonly point: PointView }) {
  const { snapshot, text, now, question, outdated } = usePanel();
  const reading = readingOf(point, now.value, outdated.value);
  const name = pointName(point);
  const alarm = openAlarms(snapshot.value?.alarms ?? []).find(
    (it) => it.point === point.key && isUrgent(it),
  );
  return (
    <button
      type="button"
      class={`point reading-${reading} ${alarm === undefined ? "" : `alarmed tone-${alarm.priority}`}`}
      aria-describedby={`point-${point.key}`}
      onClick={() => {
        question.value = { ask: "history", point: point.key };
      }}
    >
      <span class="point-name">
        {alarm !== undefined && <Shape name={priorityShapes[alarm.priority]} />}
        <span>{name}</span>
      </span>
      <PointValue point={point} reading={reading} />
      <span class="point-foot">
        <ReadingTag point={point} reading={reading} />
        {reading !== "old" && point.sampledAt !== undefined && (
          <span class="point-age">
            <Ago at={point.sampledAt} />
          </span>
        )}
      </span>
      <span class="visually-hidden" id={`point-${point.key}`}>
        {text.value.points.openChart(name)}
      </span>
    </button>
  );
}

function PointValue({ point, reading }: { readonly point: PointView; readonly reading: Reading }) {
  const { text, format } = usePanel();
  const words = text.value.points;
  const { value, unit } = point;
  if (reading === "waiting") return <span class="point-reason">{words.waiting}</span>;
  if (reading === "bad" || value === undefined) {
    return (
      <span class="point-value">
        <span class="point-none">{words.noValue}</span>
        {point.reason !== undefined && <span class="point-reason">{point.reason}</span>}
      </span>
    );
  }
  if (typeof value !== "number") {
    const word = typeof value === "boolean" ? (value ? words.on : words.off) : value;
    return (
      <span class="point-value">
        <span class={typeof value === "string" ? "point-word" : "point-number"}>{word}</span>
      </span>
    );
  }
  return (
    <span class="point-value">
      <span class="point-number">{format.value.number(value, unit)}</span>
      <span class="point-unit">{unitText(unit)}</span>
      {reading === "uncertain" && point.reason !== undefined && (
        <span class="point-reason">{point.reason}</span>
      )}
    </span>
  );
}

/** Good is the usual case and stays quiet: a small check, so that the others stand out. */
function ReadingTag({ point, reading }: { readonly point: PointView; readonly reading: Reading }) {
  const { text, now } = usePanel();
  const words = text.value.points;
  switch (reading) {
    case "waiting":
      return null;
    case "good":
      return (
        <Tag tone="good" shape="check">
          {words.quality.good}
        </Tag>
      );
    case "uncertain":
      return (
        <Tag tone="uncertain" shape="question">
          {words.quality.uncertain}
        </Tag>
      );
    case "bad":
      return (
        <Tag tone="bad" shape="cross">
          {words.quality.bad}
        </Tag>
      );
    case "old":
      return (
        <Tag tone="old" shape="clock">
          {oldText(now.value - (point.sampledAt ?? now.value), text.value.age)}
        </Tag>
      );
  }
}
