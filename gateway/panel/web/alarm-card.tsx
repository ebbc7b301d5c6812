import type { AlarmView, PointView } from "../api.ts";
import { Ago, At } from "./ago.tsx";
import { Button } from "./components/button.tsx";
import { Shape } from "./components/shape.tsx";
import { Tag } from "./components/tag.tsx";
import { type Panel, usePanel } from "./panel.ts";
import { pointName } from "./reading.ts";
import { priorityShapes, stateShapes, waitsForPerson } from "./severity.ts";

export function AlarmCard({ alarm }: { readonly alarm: AlarmView }) {
  const panel = usePanel();
  const { text, snapshot } = panel;
  const words = text.value.alarms;
  const place = snapshot.value?.gateway.locations.find(({ id }) => id === alarm.location);
  const where = place?.name ?? alarm.location;
  return (
    <article class={`alarm ${alarm.state} tone-${alarm.priority}`}>
      <div class="alarm-severity">
        <Shape name={priorityShapes[alarm.priority]} pulse={alarm.state === "unacknowledged"} />
        <span class="alarm-priority">{words.priority[alarm.priority]}</span>
      </div>
      <div class="alarm-body">
        <h3>{alarm.message}</h3>
        <p class="alarm-facts">
          <StateTag alarm={alarm} />
          {where !== undefined && <span class="alarm-place">{where}</span>}
          <span class="alarm-since">
            {words.raised} <At at={alarm.raisedAt} />, <Ago at={alarm.raisedAt} />
          </span>
        </p>
        <Values alarm={alarm} />
        {alarm.advise !== undefined && alarm.active && (
          <p class="alarm-advise">
            <strong>{words.advise}</strong> {alarm.advise}
          </p>
        )}
        {alarm.acknowledgedBy !== undefined && (
          <p class="alarm-by">
            {words.by(alarm.acknowledgedBy)}
            {alarm.comment !== undefined && <q>{alarm.comment}</q>}
          </p>
        )}
      </div>
      {waitsForPerson(alarm) && <AcknowledgeButton alarm={alarm} />}
    </article>
  );
}

function StateTag({ alarm }: { readonly alarm: AlarmView }) {
  const words = usePanel().text.value.alarms.state;
  const shape = stateShapes[alarm.state];
  if (shape !== undefined) {
    return (
      <Tag tone={alarm.state === "returned-unacknowledged" ? "good" : "neutral"} shape={shape}>
        {words[alarm.state]}
      </Tag>
    );
  }
  return <span class={`alarm-state ${alarm.state}`}>{words[alarm.state]}</span>;
}

/** The value that raised it, what it was compared with, and what the value is now. */
function Values({ alarm }: { readonly alarm: AlarmView }) {
  const panel = usePanel();
  const words = panel.text.value.alarms;
  const point = panel.snapshot.value?.points.find(({ key }) => key === alarm.point);
  const then = alarm.value === undefined ? undefined : valueText(panel, alarm.value, point);
  const now =
    point?.value === undefined || point.quality === "bad"
      ? undefined
      : valueText(panel, point.value, point);
  const limit = limitText(panel, alarm, point);
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

function limitText(panel: Panel, alarm: AlarmView, point: PointView | undefined) {
  if (alarm.limit === undefined) return undefined;
  const words = panel.text.value.alarms.limit;
  const { is, value, inclusive = false } = alarm.limit;
  const shown = valueText(panel, value, point);
  if (is === "equal") return words.equal(shown);
  if (is === "above") return inclusive ? words.atOrAbove(shown) : words.above(shown);
  return inclusive ? words.atOrBelow(shown) : words.below(shown);
}

function valueText(panel: Panel, value: number | string | boolean, point: PointView | undefined) {
  const words = panel.text.value.points;
  if (typeof value === "boolean") return value ? words.on : words.off;
  return typeof value === "number" ? panel.format.value.quantity(value, point?.unit) : value;
}

function AcknowledgeButton({ alarm }: { readonly alarm: AlarmView }) {
  const { text, question, whenLoggedIn } = usePanel();
  const words = text.value.alarms;
  return (
    <div class="alarm-action">
      <Button
        kind="primary"
        label={words.acknowledgeNamed(alarm.message)}
        onPress={() =>
          whenLoggedIn(() => {
            question.value = { ask: "acknowledge", alarm: alarm.id };
          })
        }
      >
        {words.acknowledge}
      </Button>
    </div>
  );
}
