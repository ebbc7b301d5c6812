import "../style/pages.css";
import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import type { ExcursionView } from "../../response-api.ts";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { hashOf } from "../view.ts";
import { ExcursionCard } from "./excursion-card.tsx";
import { ExcursionDetail } from "./excursion-detail.tsx";
import { excursionsOf, needsDecision } from "./excursion-list.ts";

/** Times out of range: which, how long, how far, and what became of the goods. */
export function ExcursionsPage() {
  const { preference, snapshot, view } = usePanel();
  const words = panelAlarmsText[preference.language.value].excursions;
  const { body, fault, refetch } = useFetched(
    "/api/excursions",
    excursionsOf,
    snapshot.value?.alarms,
  );
  const { part } = view.value;
  const shown = part === undefined ? undefined : body?.find(({ id }) => id === part);
  if (shown !== undefined) {
    return (
      <>
        <FaultBox fault={fault} />
        <ExcursionDetail excursion={shown} onChanged={refetch} />
      </>
    );
  }
  return (
    <>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body !== undefined && part !== undefined && (
        <div class="empty">
          <p>{words.gone(part)}</p>
          <a class="button" href={hashOf("excursions")}>
            {words.all}
          </a>
        </div>
      )}
      {body !== undefined && part === undefined && <Lists excursions={body} />}
    </>
  );
}

function Lists({ excursions }: { readonly excursions: readonly ExcursionView[] }) {
  const words = panelAlarmsText[usePanel().preference.language.value].excursions;
  const pending = excursions.filter(needsDecision);
  const decided = excursions.filter((excursion) => !needsDecision(excursion));
  return (
    <>
      <Section id="excursions" title={words.pending(pending.length)}>
        <p class="hint">{words.about}</p>
        {pending.length === 0 && <p class="empty">{words.none}</p>}
        <List excursions={pending} />
      </Section>
      {decided.length > 0 && (
        <Section id="excursions-decided" title={words.decidedTitle(decided.length)}>
          <List excursions={decided} />
        </Section>
      )}
    </>
  );
}

function List({ excursions }: { readonly excursions: readonly ExcursionView[] }) {
  return (
    <ul class="excursion-list">
      {excursions.map((excursion) => (
        <li key={excursion.id}>
          <ExcursionCard excursion={excursion} />
        </li>
      ))}
    </ul>
  );
}
