import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import type { MinMaxView } from "../../response-api.ts";
import { At } from "../ago.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { isRecord } from "../merge.ts";
import { usePanel } from "../panel.ts";
import { pointName } from "../reading.ts";
import { useFetched } from "../use-fetched.ts";

/** Lowest and highest value of each watched point since somebody looked last. */
export function DailyCheck() {
  const { preference, snapshot, format } = usePanel();
  const words = panelAlarmsText[preference.language.value].daily;
  const { body, fault } = useFetched("/api/min-max", minMaxOf);
  return (
    <Section id="daily" title={words.title}>
      <FaultBox fault={fault} />
      <ul class="row-list">
        {body?.map((range) => {
          const point = snapshot.value?.points.find(({ key }) => key === range.point);
          return (
            <li class="row" key={range.point}>
              <div class="row-main">
                <p class="row-title">{pointName(point ?? { key: range.point })}</p>
                <p>
                  {format.value.quantity(range.min.value, point?.unit)} <At at={range.min.at} />
                  {" – "}
                  {format.value.quantity(range.max.value, point?.unit)} <At at={range.max.at} />
                </p>
              </div>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function minMaxOf(body: unknown): readonly MinMaxView[] {
  return Array.isArray(body) ? body.filter(isMinMax) : [];
}

function isMinMax(value: unknown): value is MinMaxView {
  return isRecord(value) && typeof value["point"] === "string" && isRecord(value["min"]);
}
