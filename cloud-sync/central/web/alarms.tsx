import { centralAlarmText } from "../../../config/language/central-alarms.ts";
import type { Language } from "../../../config/language/language.ts";
import { agoText } from "../../../gateway/panel/web/age.ts";
import { Banner } from "../../../gateway/panel/web/components/banner.tsx";
import { Button } from "../../../gateway/panel/web/components/button.tsx";
import { Section } from "../../../gateway/panel/web/components/section.tsx";
import { Tag } from "../../../gateway/panel/web/components/tag.tsx";
import { openAlarms, priorityShapes } from "../../../gateway/panel/web/severity.ts";
import type { AlarmRow } from "../api.ts";
import { useCentral } from "./central.ts";
import { nameOf } from "./freshness.ts";
import { valueText } from "./value-text.ts";

/** Open alarms of all gateways, the most urgent first. */
export function Alarms() {
  const { alarms, gateways, text, shared, outdated } = useCentral();
  const words = text.value.alarms;
  const open = openAlarms(alarms.value);
  return (
    <Section
      id="alarms"
      title={words.title}
      aside={open.length > 0 && <p class="section-note">{words.where}</p>}
    >
      <div aria-live="polite">
        {open.length === 0 ? (
          <Banner
            tone={outdated.value ? "old" : "good"}
            shape={outdated.value ? "clock" : "check"}
            title={outdated.value ? shared.value.summary.unknown : words.none}
            detail={words.noneDetail((gateways.value ?? []).length)}
          />
        ) : (
          <AlarmTable alarms={open} />
        )}
      </div>
    </Section>
  );
}

function AlarmTable({ alarms }: { readonly alarms: readonly AlarmRow[] }) {
  const words = useCentral().text.value.alarms;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{words.priority}</th>
          <th scope="col">{words.message}</th>
          <th scope="col">{words.gateway}</th>
          <th scope="col">{words.state}</th>
          <th scope="col">{words.since}</th>
        </tr>
      </thead>
      <tbody>
        {alarms.map((alarm) => (
          <AlarmLine key={`${alarm.gateway} ${alarm.alarm}`} alarm={alarm} />
        ))}
      </tbody>
    </table>
  );
}

function AlarmLine({ alarm }: { readonly alarm: AlarmRow }) {
  const { text, shared, format, now, gateways, preference, askedAlarm } = useCentral();
  const words = text.value.alarms;
  const row = gateways.value?.find(({ id }) => id === alarm.gateway);
  return (
    <tr class={`alarm-line ${alarm.state} tone-${alarm.priority}`}>
      <td data-label={words.priority}>
        <Tag tone={alarm.priority} shape={priorityShapes[alarm.priority]}>
          {shared.value.alarms.priority[alarm.priority]}
        </Tag>
      </td>
      <td data-label={words.message}>
        <span class="row-title">{ownMessage(alarm, preference.language.value)}</span>
        <span class="row-detail">
          {alarm.pointName !== undefined && ` ${alarm.pointName}`}
          {alarm.value !== undefined &&
            ` ${valueText(alarm.value, shared.value, format.value, alarm.unit)}`}
        </span>
      </td>
      <td data-label={words.gateway}>{row === undefined ? alarm.gateway : nameOf(row)}</td>
      <td data-label={words.state}>
        <span>
          {shared.value.alarms.state[alarm.state]}
          {alarm.acknowledgedBy !== undefined && (
            <span class="row-detail"> · {alarm.acknowledgedBy}</span>
          )}
        </span>
        {alarm.state === "unacknowledged" && !alarm.rule.startsWith("central/") && (
          <Button
            onPress={() => {
              askedAlarm.value = alarm;
            }}
          >
            {shared.value.alarms.acknowledge}
          </Button>
        )}
      </td>
      <td data-label={words.since}>
        {format.value.time(alarm.since, now.value)},{" "}
        {agoText(now.value - alarm.since, shared.value.age)}
      </td>
    </tr>
  );
}

/** Central's own alarms are said in the page's language; the others as their gateway wrote them. */
function ownMessage({ rule, message }: AlarmRow, language: Language): string {
  const own = centralAlarmText[language];
  return rule === "central/silent" || rule === "central/stopped" ? own[rule] : message;
}
