import type { AlarmView } from "../api.ts";
import { At } from "./ago.tsx";
import { Button } from "./components/button.tsx";
import { Section } from "./components/section.tsx";
import { Tag } from "./components/tag.tsx";
import { usePanel } from "./panel.ts";
import { asideAlarms, priorityShapes } from "./severity.ts";
import { StateTag } from "./state-tag.tsx";

/** What is shelved, suppressed or out of service: how many, by whom, why, until when. Never out of sight. */
export function Aside() {
  const { snapshot, text } = usePanel();
  const words = text.value.alarms.aside;
  const alarms = asideAlarms(snapshot.value?.alarms ?? []);
  if (alarms.length === 0) return null;
  return (
    <Section
      id="aside"
      title={`${words.title} (${alarms.length})`}
      aside={<p class="section-note">{words.about}</p>}
    >
      <ul class="row-list aside-list">
        {alarms.map((alarm) => (
          <li key={alarm.id} class="row">
            <AsideRow alarm={alarm} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function AsideRow({ alarm }: { readonly alarm: AlarmView }) {
  const { text, question, wall } = usePanel();
  const words = text.value.alarms;
  return (
    <>
      <div class="row-main">
        <p class="row-title">{alarm.message}</p>
        <p class="aside-facts">
          <StateTag alarm={alarm} />
          <Tag tone={alarm.priority} shape={priorityShapes[alarm.priority]}>
            {words.priority[alarm.priority]}
          </Tag>
        </p>
        <AsideReason alarm={alarm} />
      </div>
      {!wall.value && (
        <Button
          kind="quiet"
          label={words.moreNamed(alarm.message)}
          onPress={() => {
            question.value = { ask: "alarm", alarm: alarm.id };
          }}
        >
          {words.more}
        </Button>
      )}
    </>
  );
}

/** Each way in which it is put aside, for there may be several at once. */
export function AsideReason({ alarm }: { readonly alarm: AlarmView }) {
  const words = usePanel().text.value.alarms.aside;
  const { shelved, suppressed, outOfService } = alarm;
  return (
    <>
      {outOfService !== undefined && (
        <p class="row-detail">
          {words.shelved(outOfService.by)} · {outOfService.reason} ·{" "}
          {outOfService.until === undefined ? (
            words.openEnd
          ) : (
            <>
              {words.expected} <At at={outOfService.until} />
            </>
          )}
        </p>
      )}
      {suppressed !== undefined && (
        <p class="row-detail">
          {words.suppressed(suppressed.by)}
          {suppressed.reason !== undefined && ` · ${suppressed.reason}`}
        </p>
      )}
      {shelved !== undefined && (
        <p class="row-detail">
          {words.shelved(shelved.by)}
          {shelved.reason !== undefined && ` · ${shelved.reason}`} · {words.until}{" "}
          <At at={shelved.until} />
          {shelved.oneShot && ` ${words.oneShot}`}
        </p>
      )}
    </>
  );
}
