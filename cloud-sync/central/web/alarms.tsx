import { centralAlarmText } from "../../../config/language/central-alarms.ts";
import type { Language } from "../../../config/language/language.ts";
import { agoText } from "../../../gateway/panel/web/age.ts";
import { Banner } from "../../../gateway/panel/web/components/banner.tsx";
import { Button } from "../../../gateway/panel/web/components/button.tsx";
import { Section } from "../../../gateway/panel/web/components/section.tsx";
import { Tag } from "../../../gateway/panel/web/components/tag.tsx";
import { openAlarms, priorityShapes } from "../../../gateway/panel/web/severity.ts";
import type { AlarmRow } from "../api.ts";
import { alarmsShownMax, useCentral } from "./central.ts";
import { openCount } from "./open-count.ts";
import { valueText } from "./value-text.ts";
import { hashOfGateway } from "./view.ts";

/** Open alarms of all gateways, or of the one that is shown; the most urgent first. */
export function Alarms() {
  const { alarms, fleet, selected, text, shared, format, outdated } = useCentral();
  const words = text.value.alarms;
  const known = alarms.value;
  const open = openAlarms(known ?? []);
  const isOne = selected.value !== undefined;
  const all = isOne ? open.length : openCount(fleet.value);
  const count = format.value.integer;
  return (
    <Section
      id="alarms"
      title={words.title}
      aside={open.length > 0 && <p class="section-note">{words.where}</p>}
    >
      <div aria-live="polite">
        {known === undefined && <p class="loading">{words.loading}…</p>}
        {known !== undefined && open.length === 0 && (
          <Banner
            tone={outdated.value ? "old" : "good"}
            shape={outdated.value ? "clock" : "check"}
            title={outdated.value ? shared.value.summary.unknown : words.none}
            detail={isOne ? words.noneOne : words.noneDetail(fleet.value?.states.reporting ?? 0)}
          />
        )}
        {open.length > 0 && <AlarmTable alarms={open} />}
        {all > open.length && open.length >= alarmsShownMax && (
          <p class="section-note">{words.more(count(open.length), count(all))}</p>
        )}
      </div>
    </Section>
  );
}

function AlarmTable({ alarms }: { readonly alarms: readonly AlarmRow[] }) {
  const { text, selected } = useCentral();
  const words = text.value.alarms;
  const isOne = selected.value !== undefined;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{words.priority}</th>
          <th scope="col">{words.message}</th>
          {!isOne && <th scope="col">{words.gateway}</th>}
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
  const { text, shared, format, now, preference, askedAlarm, selected } = useCentral();
  const words = text.value.alarms;
  return (
    <tr class={`alarm-line ${alarm.state} tone-${alarm.priority}`}>
      <td data-label={words.priority}>
        <Tag tone={alarm.priority} shape={priorityShapes[alarm.priority]}>
          {shared.value.alarms.priority[alarm.priority]}
        </Tag>
      </td>
      <td data-label={words.message}>
        <span>
          <span class="row-title">{ownMessage(alarm, preference.language.value)}</span>
          <span class="row-detail">
            {alarm.pointName !== undefined && ` ${alarm.pointName}`}
            {alarm.value !== undefined &&
              ` ${valueText(alarm.value, shared.value, format.value, alarm.unit)}`}
          </span>
        </span>
      </td>
      {selected.value === undefined && (
        <td data-label={words.gateway}>
          <a class="gateway-link" href={hashOfGateway(alarm.gateway)}>
            {alarm.gatewayName ?? alarm.gateway}
          </a>
        </td>
      )}
      <td data-label={words.state}>
        <span>
          {shared.value.alarms.state[alarm.state]}
          {alarm.acknowledgedBy !== undefined && (
            <span class="row-detail"> · {alarm.acknowledgedBy}</span>
          )}
        </span>{" "}
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
