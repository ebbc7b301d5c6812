import type { AlarmView } from "../api.ts";
import { Ago, At } from "./ago.tsx";
import { AlarmValues } from "./alarm-values.tsx";
import { Button } from "./components/button.tsx";
import { Shape } from "./components/shape.tsx";
import { Tag } from "./components/tag.tsx";
import { usePanel } from "./panel.ts";
import { priorityShapes, waitsForPerson } from "./severity.ts";
import { StateTag } from "./state-tag.tsx";
import { WhoMay } from "./who-may.tsx";

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
        <AlarmMarks alarm={alarm} />
        <AlarmValues alarm={alarm} />
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
      <CardActions alarm={alarm} />
    </article>
  );
}

/** What keeps people from being told, and what the state rests on when no value does. */
export function AlarmMarks({ alarm }: { readonly alarm: AlarmView }) {
  const words = usePanel().text.value.alarms;
  return (
    <>
      {alarm.held === true && (
        <Tag tone="uncertain" shape="question">
          {words.held}
        </Tag>
      )}
      {alarm.inhibited === true && (
        <Tag tone="neutral" shape="mute">
          {words.inhibited}
        </Tag>
      )}
    </>
  );
}

function CardActions({ alarm }: { readonly alarm: AlarmView }) {
  const { text, question, whenLoggedIn, may, wall } = usePanel();
  const words = text.value.alarms;
  const ask = (what: "acknowledge" | "alarm") => {
    question.value = { ask: what, alarm: alarm.id };
  };
  const waits = waitsForPerson(alarm);
  if (wall.value && !waits) return null;
  return (
    <div class="alarm-action">
      {waits && may("acknowledge") === false && !wall.value && <WhoMay permission="acknowledge" />}
      {waits && may("acknowledge") !== false && (
        <Button
          kind="primary"
          label={words.acknowledgeNamed(alarm.message)}
          onPress={() => whenLoggedIn(() => ask("acknowledge"))}
        >
          {words.acknowledge}
        </Button>
      )}
      {!wall.value && (
        <Button label={words.moreNamed(alarm.message)} onPress={() => ask("alarm")}>
          {words.more}
        </Button>
      )}
    </div>
  );
}
