import "../style/pages.css";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import type { AlarmView } from "../../api.ts";
import { Ago, At } from "../ago.tsx";
import { AlarmMarks } from "../alarm-card.tsx";
import { AlarmValues } from "../alarm-values.tsx";
import { AsideReason } from "../aside.tsx";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Tag } from "../components/tag.tsx";
import { excursionsOf } from "../excursions/excursion-list.ts";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { isAside, priorityShapes } from "../severity.ts";
import { StateTag } from "../state-tag.tsx";
import { useFetched } from "../use-fetched.ts";
import { hashOf } from "../view.ts";
import { WhoMay } from "../who-may.tsx";
import { ActForm } from "./act-form.tsx";
import { type Act, actsFor } from "./acts.ts";

/** Everything about one alarm, and all that the person here may do with it. */
export function AlarmDialog({ alarm }: { readonly alarm: AlarmView }) {
  const { text, question } = usePanel();
  const [act, setAct] = useState<Act | undefined>(undefined);
  const close = () => {
    question.value = undefined;
  };
  return (
    <Dialog title={alarm.message} closeLabel={text.value.button.close} onClose={close}>
      <div class="asked-alarm">
        <p class="alarm-facts">
          <Tag tone={alarm.priority} shape={priorityShapes[alarm.priority]}>
            {text.value.alarms.priority[alarm.priority]}
          </Tag>
          <span class={`tone-${alarm.priority}`}>
            <StateTag alarm={alarm} />
          </span>
        </p>
        <AlarmMarks alarm={alarm} />
        {isAside(alarm) && <AsideReason alarm={alarm} />}
      </div>
      {act === undefined ? (
        <>
          <AlarmValues alarm={alarm} whole />
          {alarm.advise !== undefined && (
            <p class="alarm-advise">
              <strong>{text.value.alarms.advise}</strong> {alarm.advise}
            </p>
          )}
          <AlarmFacts alarm={alarm} />
          <Acts alarm={alarm} onAct={setAct} />
        </>
      ) : (
        <ActForm
          key={act}
          alarm={alarm}
          act={act}
          onCancel={() => setAct(undefined)}
          onDone={() => setAct(undefined)}
        />
      )}
    </Dialog>
  );
}

function AlarmFacts({ alarm }: { readonly alarm: AlarmView }) {
  const { preference, snapshot } = usePanel();
  const words = panelAlarmsText[preference.language.value].facts;
  const { body } = useFetched("/api/excursions", excursionsOf, alarm.id);
  const excursion = body?.find(({ id }) => id === alarm.id);
  const where = placeText(snapshot.value?.gateway.locations ?? [], alarm.location);
  const rows: readonly (readonly [string, ComponentChildren])[] = [
    ...(where === undefined ? [] : [[words.place, where] as const]),
    [
      words.raised,
      <>
        <At at={alarm.raisedAt} /> (<Ago at={alarm.raisedAt} />)
      </>,
    ],
    [words.since, <At key="since" at={alarm.since} />],
    ...(alarm.reAlarms === undefined ? [] : [[words.reAlarms, String(alarm.reAlarms)] as const]),
    ...acknowledgedRow(alarm, words.acknowledged),
    [words.rule, <code key="rule">{alarm.rule}</code>],
    ...(alarm.point === undefined
      ? []
      : [[words.point, <code key="point">{alarm.point}</code>] as const]),
  ];
  return (
    <>
      <dl class="facts">
        {rows.map(([term, fact]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
      </dl>
      <Links alarm={alarm} excursion={excursion?.id} />
    </>
  );
}

function acknowledgedRow(alarm: AlarmView, word: string) {
  if (alarm.acknowledgedBy === undefined) return [];
  const fact = (
    <>
      {alarm.acknowledgedBy}
      {alarm.acknowledgedAt !== undefined && (
        <>
          {" "}
          <At at={alarm.acknowledgedAt} />
        </>
      )}
      {alarm.comment !== undefined && <q>{alarm.comment}</q>}
    </>
  );
  return [[word, fact] as const];
}

interface LinksProps {
  readonly alarm: AlarmView;
  readonly excursion: string | undefined;
}

function Links({ alarm, excursion }: LinksProps) {
  const { preference, question } = usePanel();
  const words = panelAlarmsText[preference.language.value].facts;
  const { point } = alarm;
  return (
    <div class="button-row">
      {point !== undefined && (
        <Button
          onPress={() => {
            question.value = { ask: "history", point };
          }}
        >
          {words.chart}
        </Button>
      )}
      {excursion !== undefined && (
        <a
          class="button"
          href={hashOf("excursions", excursion)}
          onClick={() => {
            question.value = undefined;
          }}
        >
          {words.excursion}
        </a>
      )}
    </div>
  );
}

interface ActsProps {
  readonly alarm: AlarmView;
  readonly onAct: (act: Act) => void;
}

function Acts({ alarm, onAct }: ActsProps) {
  const { preference, session, may, whenLoggedIn, question } = usePanel();
  const words = panelAlarmsText[preference.language.value].acts;
  if (session.value.user === undefined) {
    const again = () => {
      question.value = { ask: "alarm", alarm: alarm.id };
    };
    return (
      <div class="acts">
        <p class="hint">{words.login}</p>
        <Button kind="primary" onPress={() => whenLoggedIn(again)}>
          {words.loginButton}
        </Button>
      </div>
    );
  }
  const offered = actsFor(alarm);
  const refused = offered.filter(({ permission }) => may(permission) !== true);
  return (
    <div class="acts">
      {offered
        .filter(({ permission }) => may(permission) === true)
        .map(({ act }, index) => (
          <Button
            key={act}
            kind={index === 0 && !puttingAside.has(act) ? "primary" : "plain"}
            onPress={() => {
              if (act === "acknowledge") question.value = { ask: "acknowledge", alarm: alarm.id };
              else onAct(act);
            }}
          >
            {words.name[act]}
          </Button>
        ))}
      {refused.map(({ act, permission }) => (
        <div key={act} class="act-refused">
          <p>{words.name[act]}</p>
          <WhoMay permission={permission} />
        </div>
      ))}
    </div>
  );
}

const puttingAside: ReadonlySet<Act> = new Set(["shelve", "suppress", "out-of-service"]);
