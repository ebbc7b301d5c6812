import { useState } from "preact/hooks";
import { AlarmCard } from "./alarm-card.tsx";
import { Banner } from "./components/banner.tsx";
import { Button } from "./components/button.tsx";
import { Section } from "./components/section.tsx";
import { usePanel } from "./panel.ts";
import { readingOf } from "./reading.ts";
import { presentAlarms, waitsForPerson } from "./severity.ts";
import { Silence } from "./silence.tsx";

/** Nobody can scroll a wall display: the most urgent ones legibly instead of all of them in small print. */
const wallAlarmsMax = 4;

/** Cards that are drawn at once: 500 warnings of stock must not make a phone slow. The rest comes when it is asked for. */
const alarmsAtOnceMax = 60;

export function Alarms() {
  const [max, setMax] = useState(alarmsAtOnceMax);
  const { snapshot, text, wall } = usePanel();
  const alarms = presentAlarms(snapshot.value?.alarms ?? []);
  const waiting = alarms.filter(waitsForPerson).length;
  const { summary } = text.value;
  const shown = alarms.slice(0, wall.value ? wallAlarmsMax : max);
  const rest = summary.moreAlarms(alarms.length - shown.length);
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
      <Silence />
      {alarms.length === 0 ? (
        <Healthy />
      ) : (
        <ul class="alarm-list">
          {shown.map((alarm) => (
            <li key={alarm.id}>
              <AlarmCard alarm={alarm} />
            </li>
          ))}
          {shown.length < alarms.length && (
            <li class="alarm-rest">
              {wall.value ? (
                rest
              ) : (
                <Button onPress={() => setMax((count) => count + alarmsAtOnceMax)}>{rest}</Button>
              )}
            </li>
          )}
        </ul>
      )}
    </Section>
  );
}

/** Nothing is wrong, and that something watches over it can be seen. Without a connection nobody can say so. */
function Healthy() {
  const { snapshot, text, now, outdated } = usePanel();
  const words = text.value.summary;
  const points = snapshot.value?.points ?? [];
  const places = (snapshot.value?.gateway.locations ?? []).length;
  const watching =
    places > 0 ? words.watching(points.length, places) : words.watchingPoints(points.length);
  if (outdated.value) {
    return (
      <Banner
        tone="old"
        shape="clock"
        title={words.unknown}
        detail={words.lastKnown(text.value.alarms.none)}
      />
    );
  }
  const bad = points.filter((point) => ["bad", "old"].includes(readingOf(point, now.value))).length;
  if (bad > 0) {
    const title = `${text.value.alarms.none} · ${words.bad(bad)}`;
    return <Banner tone="uncertain" shape="question" title={title} detail={watching} />;
  }
  return <Banner tone="good" shape="check" title={words.healthy} detail={watching} />;
}
