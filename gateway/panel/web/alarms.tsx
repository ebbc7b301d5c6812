import { AlarmCard } from "./alarm-card.tsx";
import { Section } from "./components/section.tsx";
import { Shape } from "./components/shape.tsx";
import { usePanel } from "./panel.ts";
import { readingOf } from "./reading.ts";
import { openAlarms, waitsForPerson } from "./severity.ts";

export function Alarms() {
  const { snapshot, text } = usePanel();
  const alarms = openAlarms(snapshot.value?.alarms ?? []);
  const waiting = alarms.filter(waitsForPerson).length;
  const { summary } = text.value;
  return (
    <Section
      id="alarms"
      title={text.value.alarms.title}
      aside={
        alarms.length > 0 && (
          <p class="section-note">
            {summary.alarms(alarms.length)}
            {waiting > 0 && ` · ${summary.unacknowledged(waiting)}`}
          </p>
        )
      }
    >
      {alarms.length === 0 ? (
        <Healthy />
      ) : (
        <ul class="alarm-list">
          {alarms.map((alarm) => (
            <li key={alarm.id}>
              <AlarmCard alarm={alarm} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Nothing is wrong, and that something watches over it can be seen. */
function Healthy() {
  const { snapshot, text, now } = usePanel();
  const words = text.value.summary;
  const points = snapshot.value?.points ?? [];
  const places = (snapshot.value?.gateway.locations ?? []).length;
  const bad = points.filter((point) => ["bad", "old"].includes(readingOf(point, now.value))).length;
  return (
    <div class={`healthy tone-${bad > 0 ? "uncertain" : "good"}`}>
      <Shape name={bad > 0 ? "question" : "check"} />
      <div>
        <p class="healthy-title">
          {bad > 0 ? `${text.value.alarms.none} · ${words.bad(bad)}` : words.healthy}
        </p>
        <p class="healthy-detail">
          {places > 0 ? words.watching(points.length, places) : words.watchingPoints(points.length)}
        </p>
      </div>
    </div>
  );
}
