import { Button } from "./components/button.tsx";
import { Mark } from "./components/mark.tsx";
import { Shape } from "./components/shape.tsx";
import { Tag } from "./components/tag.tsx";
import { Nav } from "./nav.tsx";
import { usePanel } from "./panel.ts";
import { readingOf } from "./reading.ts";
import { asideAlarms, presentAlarms, priorityShapes, waitsForPerson } from "./severity.ts";

export function Header() {
  const { snapshot, text, wall } = usePanel();
  const gateway = snapshot.value?.gateway;
  return (
    <header class="header">
      <div class="header-row">
        <div class="identity">
          <Mark />
          <div>
            <h1>{gateway?.name ?? gateway?.id ?? text.value.product}</h1>
            {gateway?.name !== undefined && <p class="identity-id">{gateway.id}</p>}
          </div>
        </div>
        {wall.value && snapshot.value !== undefined && <WallSummary />}
        <div class="header-state">
          <LinkTag />
          <WallClock />
        </div>
        {!wall.value && <Menu />}
        {!wall.value && <Nav />}
      </div>
      {gateway !== undefined && gateway.clock !== "synchronized" && (
        <p class={`clock-warning tone-${gateway.clock === "unset" ? "critical" : "medium"}`}>
          <Shape name={gateway.clock === "unset" ? "triangle" : "clock"} />
          {text.value.clock[gateway.clock]}
        </p>
      )}
    </header>
  );
}

function LinkTag() {
  const { link, outdated, heardAt, now, text, format } = usePanel();
  const words = text.value.link;
  const state = outdated.value && link.value === "live" ? "offline" : link.value;
  return (
    <output class="link" aria-label={words.label}>
      {state === "live" && (
        <Tag tone="good" shape="check">
          {words.live}
        </Tag>
      )}
      {state === "connecting" && (
        <Tag tone="neutral" shape="dash">
          {words.connecting}
        </Tag>
      )}
      {state === "offline" && (
        <Tag tone="bad" shape="cross">
          {words.offline(format.value.time(heardAt.value, now.peek()))}
        </Tag>
      )}
    </output>
  );
}

function WallClock() {
  const { now, format, wall } = usePanel();
  if (!wall.value) return null;
  return (
    <p class="wall-clock">
      <span class="wall-time">{format.value.clock(now.value)}</span>
      <span class="wall-date">{format.value.date(now.value)}</span>
    </p>
  );
}

/** From across the room: one word for all of it. */
function WallSummary() {
  const { snapshot, text, now, outdated } = usePanel();
  const words = text.value.summary;
  if (outdated.value) {
    return (
      <div class="wall-summary">
        <Tag tone="old" shape="clock">
          {words.unknown}
        </Tag>
      </div>
    );
  }
  const all = snapshot.value?.alarms ?? [];
  const alarms = presentAlarms(all);
  const worst = alarms[0];
  const bad = (snapshot.value?.points ?? []).filter((point) =>
    ["bad", "old"].includes(readingOf(point, now.value)),
  ).length;
  const aside = asideAlarms(all).length;
  const asideNote = aside > 0 && <p class="wall-aside">{text.value.alarms.aside.count(aside)}</p>;
  if (worst === undefined) {
    return (
      <div class="wall-summary">
        <Tag tone={bad > 0 ? "uncertain" : "good"} shape={bad > 0 ? "question" : "check"}>
          {bad > 0 ? words.bad(bad) : words.healthy}
        </Tag>
        {asideNote}
      </div>
    );
  }
  const waiting = alarms.filter(waitsForPerson).length;
  return (
    <div class="wall-summary">
      <Tag tone={worst.priority} shape={priorityShapes[worst.priority]} pulse={waiting > 0}>
        {words.alarms(alarms.length)}
        {waiting > 0 && ` · ${words.unacknowledged(waiting)}`}
      </Tag>
      {asideNote}
    </div>
  );
}

/** What a person can do with the page itself. */
export function Menu() {
  const { text, preference, session, question, wall, logout } = usePanel();
  const words = text.value;
  const other = preference.language.value === "en" ? "zh" : "en";
  const { user, setupNeeded } = session.value;
  return (
    <div class="menu">
      <a class="button quiet" href={wall.value ? "#/" : "#wall"}>
        {wall.value ? words.menu.page : words.menu.wall}
      </a>
      <Button
        kind="quiet"
        lang={other}
        label={words.otherLanguageLabel}
        onPress={() => preference.choose(other)}
      >
        {words.otherLanguage}
      </Button>
      {user === undefined ? (
        <Button
          onPress={() => {
            question.value = { ask: setupNeeded ? "setup" : "login" };
          }}
        >
          {setupNeeded ? words.account.setupTitle : words.account.login}
        </Button>
      ) : (
        <Button onPress={() => void logout()}>
          <span class="user">{user}</span> <span>{words.account.logout}</span>
        </Button>
      )}
    </div>
  );
}
