import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { ExcursionCard } from "./excursion-card.tsx";
import { excursionsOf } from "./excursion-list.ts";

/** Times out of range: which, how long, how far, and what became of the goods. */
export function ExcursionsPage() {
  const { preference, snapshot } = usePanel();
  const words = panelAlarmsText[preference.language.value].excursions;
  const { body, fault } = useFetched("/api/excursions", excursionsOf, snapshot.value?.alarms);
  return (
    <Section id="excursions" title={words.title}>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body?.length === 0 && (
        <div class="empty">
          <p>{words.none}</p>
          <p>{words.noneDetail}</p>
        </div>
      )}
      <ul class="alarm-list">
        {body?.map((excursion) => (
          <li key={excursion.id}>
            <ExcursionCard excursion={excursion} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
