import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import { type AlarmCause, type AlarmState, alarmStates } from "../../../alarms/alarm.ts";
import type { ExcursionView } from "../../response-api.ts";
import { At } from "../ago.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";

/** Who decided what about the goods, in order. */
export function Signatures({ excursion }: { readonly excursion: ExcursionView }) {
  const words = panelAlarmsText[usePanel().preference.language.value].excursions;
  if (excursion.dispositions.length === 0) return <p>{words.decided.none}</p>;
  return (
    <ol class="trail">
      {excursion.dispositions.map(({ to, by, at, meaning, comment }) => (
        <li key={at}>
          <p class="row-title">{words.decided[to]}</p>
          <p class="row-detail">
            {words.signedBy(by)} <At at={at} /> · {meaning}
          </p>
          {comment !== undefined && <q>{comment}</q>}
        </li>
      ))}
    </ol>
  );
}

/** What became of its alarm, in order. */
export function Trail({ excursion }: { readonly excursion: ExcursionView }) {
  const { preference, text } = usePanel();
  const words = panelAlarmsText[preference.language.value];
  const { trail, trailDropped } = excursion;
  const states = text.value.alarms.state;
  return (
    <Section id="trail" title={words.excursions.trail}>
      {trail.length === 0 && <p class="empty">{words.excursions.trailNone}</p>}
      <ol class="card trail">
        {trail.map(({ at, cause, to, by, comment }) => (
          <li key={`${at} ${cause}`}>
            <p class="row-title">{isCause(cause, words.causes) ? words.causes[cause] : cause}</p>
            <p class="row-detail">
              <At at={at} /> · {isState(to) ? states[to] : to}
              {by !== undefined && ` · ${by}`}
            </p>
            {comment !== undefined && <q>{comment}</q>}
          </li>
        ))}
      </ol>
      {trailDropped !== undefined && <p class="hint">{words.excursions.dropped(trailDropped)}</p>}
    </Section>
  );
}

function isCause(name: string, causes: Readonly<Record<AlarmCause, string>>): name is AlarmCause {
  return Object.hasOwn(causes, name);
}

function isState(name: string): name is AlarmState {
  return alarmStates.some((state) => state === name);
}
