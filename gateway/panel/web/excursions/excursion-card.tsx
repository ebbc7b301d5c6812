import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import type { ExcursionView } from "../../response-api.ts";
import { At } from "../ago.tsx";
import { valueText } from "../alarm-values.tsx";
import { durationText } from "../duration.ts";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { pointName } from "../reading.ts";
import { hashOf } from "../view.ts";
import { ExcursionState } from "./excursion-state.tsx";

/** One time out of range in a few lines; the whole of it is a link to all there is. */
export function ExcursionCard({ excursion }: { readonly excursion: ExcursionView }) {
  const panel = usePanel();
  const words = panelAlarmsText[panel.preference.language.value];
  const known = panel.snapshot.value;
  const point = known?.points.find(({ key }) => key === excursion.point);
  const where = placeText(known?.gateway.locations ?? [], excursion.affected.location);
  const { start, end, peak, outsideMs } = excursion;
  return (
    <a
      class={`excursion ${excursion.state === "open" ? "tone-critical" : "tone-neutral"}`}
      href={hashOf("excursions", excursion.id)}
    >
      <h3>{where ?? pointName(point ?? { key: excursion.point ?? excursion.rule })}</h3>
      <ExcursionState excursion={excursion} />
      <p>
        {point !== undefined && where !== undefined && `${pointName(point)} · `}
        <At at={start} /> – {end === undefined ? words.excursions.now : <At at={end} />}
      </p>
      <p class="excursion-figures">
        {peak !== undefined && (
          <span>
            {words.excursions.peak} <strong>{valueText(panel, peak.value, point)}</strong>
          </span>
        )}
        <span>
          {words.excursions.outside} <strong>{durationText(outsideMs, words.duration)}</strong>
        </span>
      </p>
    </a>
  );
}
