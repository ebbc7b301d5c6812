import { panelManageText } from "../../../../config/language/panel-manage.ts";
import type { Priority } from "../../../../config/schema/rule.ts";
import type { AlarmFigures } from "../../../figures/summary.ts";
import { Tag, type Tone } from "../components/tag.tsx";
import { localeOf } from "../format.ts";
import { usePanel } from "../panel.ts";
import { priorityShapes, type ShapeName } from "../severity.ts";
import { DayBars } from "./day-bars.tsx";
import { Figure, RuleList } from "./figure.tsx";

const loads: Readonly<Record<AlarmFigures["load"], readonly [Tone, ShapeName]>> = {
  manageable: ["good", "check"],
  busy: ["medium", "triangle"],
  overloaded: ["critical", "octagon"],
};

/** Shares of the priorities that people can live with (ISA-18.2). */
const goals: Readonly<Record<Priority, string>> = {
  critical: "≤ 5%",
  high: "≤ 5%",
  medium: "≈ 15%",
  low: "≈ 80%",
};

const secondsPerMinute = 60;

/** From here on minutes are easier to read than seconds. */
const minutesFromSeconds = 90;

export function Figures({ figures }: { readonly figures: AlarmFigures }) {
  const { preference, format } = usePanel();
  const words = panelManageText[preference.language.value].figures;
  const percent = new Intl.NumberFormat(localeOf(preference.language.value), {
    style: "percent",
    maximumFractionDigits: 1,
  });
  const count = format.value.integer;
  const [tone, shape] = loads[figures.load];
  const time = (seconds: number | undefined) => {
    if (seconds === undefined) return words.unknown;
    if (seconds < minutesFromSeconds) return words.seconds(count(seconds));
    return words.minutes(format.value.number(Math.round(seconds / 6) / (secondsPerMinute / 6)));
  };
  return (
    <div class="figures">
      <div class="card figure-load">
        <p class="figure-value">
          <Tag tone={tone} shape={shape}>
            {words.load[figures.load]}
          </Tag>
        </p>
        <p>
          {words.perDay}:{" "}
          <strong>{format.value.number(Math.round(figures.perDay * 10) / 10)}</strong>{" "}
          <span class="hint">({words.perDayGoal})</span>
        </p>
        <p class="figure-todo">{words.loadTodo[figures.load]}</p>
      </div>
      <div class="card figure-wide">
        <h3>{words.chart}</h3>
        <p class="hint">
          {words.range(figures.from, figures.to)} · {words.raised(count(figures.raised))}
        </p>
        <DayBars days={figures.perDayList} />
      </div>
      <div class="card figure-wide">
        <h3>{words.topTen}</h3>
        <p class="hint">{words.topTenShare(percent.format(figures.topTenShare))}</p>
        <TopTen figures={figures} percent={percent} />
        <p class="figure-todo">{words.topTenTodo}</p>
      </div>
      <Figure title={words.floods} value={count(figures.floods)} todo={words.floodsTodo}>
        <p class="hint">{words.floodShare(percent.format(figures.floodShare))}</p>
      </Figure>
      <Figure
        title={words.chattering}
        value={count(figures.chattering.length)}
        todo={words.chatteringTodo}
      >
        <RuleList
          rules={figures.chattering.map(({ rule, episodes }) => [
            rule,
            words.episodes(count(episodes)),
          ])}
        />
      </Figure>
      <Figure title={words.stale} value={count(figures.stale.length)} todo={words.staleTodo}>
        <RuleList
          rules={figures.stale.map(({ alarm, hours }) => [
            alarm.replace(/#\d+$/, ""),
            words.hours(count(hours)),
          ])}
        />
      </Figure>
      <Figure
        title={words.fleeting}
        value={count(figures.fleeting.length)}
        todo={words.fleetingTodo}
      >
        <RuleList
          rules={figures.fleeting.map(({ rule, times }) => [rule, words.episodes(count(times))])}
        />
      </Figure>
      <Figure
        title={words.acknowledge}
        value={time(figures.acknowledgeSeconds)}
        todo={words.acknowledgeTodo}
      />
      <Figure title={words.clear} value={time(figures.clearSeconds)} todo={words.clearTodo} />
      <Priorities figures={figures} percent={percent} />
    </div>
  );
}

interface SharesProps {
  readonly figures: AlarmFigures;
  readonly percent: Intl.NumberFormat;
}

function TopTen({ figures, percent }: SharesProps) {
  const { preference, format } = usePanel();
  const words = panelManageText[preference.language.value].figures;
  if (figures.topTen.length === 0) return <p>{words.none}</p>;
  return (
    <table class="figure-table">
      <thead>
        <tr>
          <th scope="col">{words.rule}</th>
          <th scope="col" class="number">
            {words.count}
          </th>
          <th scope="col" class="number">
            {words.share}
          </th>
        </tr>
      </thead>
      <tbody>
        {figures.topTen.map(({ rule, raised, share }) => (
          <tr key={rule}>
            <th scope="row">
              <code>{rule}</code>
              <svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect width={share * 100} height="4" />
              </svg>
            </th>
            <td class="number">{format.value.integer(raised)}</td>
            <td class="number">{percent.format(share)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Priorities({ figures, percent }: SharesProps) {
  const { preference, text } = usePanel();
  const words = panelManageText[preference.language.value].figures;
  const priorities = ["critical", "high", "medium", "low"] as const;
  return (
    <div class="card">
      <h3>{words.priorities}</h3>
      <table class="figure-table">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{words.priorities}</span>
            </th>
            <th scope="col" class="number">
              {words.share}
            </th>
            <th scope="col" class="number">
              {words.goal}
            </th>
          </tr>
        </thead>
        <tbody>
          {priorities.map((priority) => (
            <tr key={priority}>
              <th scope="row">
                <Tag tone={priority} shape={priorityShapes[priority]}>
                  {text.value.alarms.priority[priority]}
                </Tag>
              </th>
              <td class="number">{percent.format(figures.priorities[priority])}</td>
              <td class="number">{goals[priority]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="figure-todo">{words.prioritiesTodo}</p>
    </div>
  );
}
