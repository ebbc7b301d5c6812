import { useState } from "preact/hooks";
import { panelManageText } from "../../../../config/language/panel-manage.ts";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { figuresOf } from "./answers.ts";
import { Figures } from "./figures.tsx";

const periods = [1, 7, 30] as const;

/** How well the alarm system serves the people who answer it. */
export function FiguresPage() {
  const { preference } = usePanel();
  const words = panelManageText[preference.language.value];
  const [days, setDays] = useState<(typeof periods)[number]>(7);
  const { body, fault } = useFetched(`/api/alarms/figures?days=${days}`, figuresOf);
  return (
    <Section
      id="figures"
      title={words.figures.title}
      aside={
        // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend would be a second title
        <div class="periods" role="group" aria-label={words.figures.period}>
          {periods.map((period) => (
            <button
              type="button"
              class="button"
              key={period}
              aria-pressed={period === days}
              onClick={() => setDays(period)}
            >
              {words.figures.days(period)}
            </button>
          ))}
        </div>
      }
    >
      <p class="hint">{words.figures.about}</p>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body !== undefined && <Figures figures={body} />}
    </Section>
  );
}
