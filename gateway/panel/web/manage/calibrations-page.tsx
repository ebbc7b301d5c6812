import { panelManageText } from "../../../../config/language/panel-manage.ts";
import type { DueView } from "../../response-api.ts";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { pointName } from "../reading.ts";
import { useFetched } from "../use-fetched.ts";
import { dueOf } from "./answers.ts";

/** From here on a calibration is urgent: a laboratory needs some days. */
const urgentDays = 7;

/** Sensors that are to be calibrated, the most urgent first. */
export function CalibrationsPage() {
  const { preference } = usePanel();
  const words = panelManageText[preference.language.value];
  const { body, fault } = useFetched("/api/due", dueOf);
  return (
    <Section id="calibrations" title={words.calibrations.title}>
      <p class="hint">{words.calibrations.about}</p>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body?.calibrations.length === 0 && (
        <p class="empty">
          <Tag tone="good" shape="check">
            {words.calibrations.none}
          </Tag>
        </p>
      )}
      <ul class="row-list">
        {body?.calibrations.map((calibration) => (
          <Calibration calibration={calibration} key={calibration.point} />
        ))}
      </ul>
      {body !== undefined && body.calibrations.length > 0 && (
        <p class="hint">{words.calibrations.todo}</p>
      )}
    </Section>
  );
}

function Calibration({ calibration }: { readonly calibration: DueView["calibrations"][number] }) {
  const { preference, snapshot } = usePanel();
  const words = panelManageText[preference.language.value].calibrations;
  const { daysLeft } = calibration;
  const point = snapshot.value?.points.find(({ key }) => key === calibration.point);
  const said =
    daysLeft < 0 ? words.over(-daysLeft) : daysLeft === 0 ? words.today : words.left(daysLeft);
  const tone = daysLeft < 0 ? "critical" : daysLeft <= urgentDays ? "high" : "medium";
  const shape = daysLeft < 0 ? "octagon" : daysLeft <= urgentDays ? "triangle" : "clock";
  return (
    <li class="row">
      <div class="row-main">
        <p class="row-title">{pointName(point ?? { key: calibration.point })}</p>
        <p class="row-detail">
          <code>{calibration.point}</code> · {words.last} {calibration.on} · {words.due}{" "}
          {calibration.due}
          {calibration.certificate !== undefined &&
            ` · ${words.certificate} ${calibration.certificate}`}
        </p>
        <Tag tone={tone} shape={shape}>
          {said}
        </Tag>
      </div>
    </li>
  );
}
