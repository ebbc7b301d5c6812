import "../style/pages.css";
import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import { At } from "../ago.tsx";
import { Alarms } from "../alarms.tsx";
import { Aside } from "../aside.tsx";
import { Button } from "../components/button.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { StateTag } from "../state-tag.tsx";
import { severalOf } from "./several.ts";

/** Every alarm: those that call, those put aside, those that are over. */
export function AlarmsPage() {
  return (
    <>
      <Several />
      <Alarms />
      <Aside />
      <Over />
    </>
  );
}

/** Worth its place only from two on. */
function Several() {
  const { snapshot, preference, may, whenLoggedIn, question } = usePanel();
  const words = panelAlarmsText[preference.language.value].several;
  const count = severalOf(snapshot.value?.alarms ?? []).length;
  if (count < 2 || may("acknowledge") === false) return null;
  return (
    <div class="button-row">
      <Button
        onPress={() =>
          whenLoggedIn(() => {
            question.value = { ask: "acknowledge-several" };
          })
        }
      >
        {words.button(count)}
      </Button>
    </div>
  );
}

/** The last ones that came to their end. */
function Over() {
  const { snapshot, preference, text, question } = usePanel();
  const words = panelAlarmsText[preference.language.value].over;
  const over = (snapshot.value?.alarms ?? []).filter(({ state }) => state === "normal");
  return (
    <Section id="over" title={words.title}>
      {over.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="row-list">
        {over.map((alarm) => (
          <li key={alarm.id} class="row">
            <div class="row-main">
              <p class="row-title">{alarm.message}</p>
              <p class="row-detail">
                <StateTag alarm={alarm} /> <At at={alarm.raisedAt} /> – <At at={alarm.since} />
                {alarm.acknowledgedBy !== undefined &&
                  ` · ${text.value.alarms.by(alarm.acknowledgedBy)}`}
              </p>
            </div>
            <Button
              kind="quiet"
              label={text.value.alarms.moreNamed(alarm.message)}
              onPress={() => {
                question.value = { ask: "alarm", alarm: alarm.id };
              }}
            >
              {text.value.alarms.more}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
