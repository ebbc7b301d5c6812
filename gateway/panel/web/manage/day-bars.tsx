import { panelManageText } from "../../../../config/language/panel-manage.ts";
import type { AlarmFigures } from "../../../figures/summary.ts";
import { usePanel } from "../panel.ts";

/** Units of the drawing; it is stretched to the width of its place. */
const height = 100;
const barWidth = 10;
const gap = 2;

/** So few days that each bar can carry its number. */
const labelledDaysMax = 10;

/** Alarms of each day as bars; the same as a list for whoever does not see them. */
export function DayBars({ days }: { readonly days: AlarmFigures["perDayList"] }) {
  const { preference, format } = usePanel();
  const words = panelManageText[preference.language.value].figures;
  const most = Math.max(1, ...days.map(({ raised }) => raised));
  const labelled = days.length <= labelledDaysMax;
  return (
    <div class="day-bars">
      <svg
        viewBox={`0 0 ${days.length * (barWidth + gap)} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {days.map(({ day, raised }, index) => (
          <rect
            key={day}
            x={index * (barWidth + gap) + gap / 2}
            y={height - (raised / most) * height}
            width={barWidth}
            height={(raised / most) * height}
          />
        ))}
      </svg>
      <div class="day-labels" aria-hidden="true">
        {labelled ? (
          days.map(({ day, raised }) => (
            <span key={day}>
              <strong>{format.value.integer(raised)}</strong>
              <br />
              {day.slice(5)}
            </span>
          ))
        ) : (
          <>
            <span>{days.at(0)?.day.slice(5)}</span>
            <span>
              <strong>max {format.value.integer(most)}</strong>
            </span>
            <span>{days.at(-1)?.day.slice(5)}</span>
          </>
        )}
      </div>
      <ul class="visually-hidden">
        {days.map(({ day, raised }) => (
          <li key={day}>{words.dayBar(day, format.value.integer(raised))}</li>
        ))}
      </ul>
    </div>
  );
}
