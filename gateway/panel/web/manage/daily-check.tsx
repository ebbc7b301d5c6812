import { useEffect, useState } from "preact/hooks";
import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import type { MinMaxView } from "../../response-api.ts";
import { Ago, At } from "../ago.tsx";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { isRecord } from "../merge.ts";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { pointName } from "../reading.ts";
import { useFetched } from "../use-fetched.ts";
import { WhoMay } from "../who-may.tsx";

/** Lowest and highest value of each watched point since somebody looked last; to look is to begin anew. */
export function DailyCheck() {
  const panel = usePanel();
  const words = panelAlarmsText[panel.preference.language.value].daily;
  const { body, fault, refetch } = useFetched("/api/min-max", minMaxOf);
  const [checked, setChecked] = useState<readonly string[]>([]);
  // After a check a point has no range until its next value: it waits in its place instead of vanishing.
  const waiting = checked.filter((key) => body?.every(({ point }) => point !== key));
  const points = panel.snapshot.value?.points ?? [];
  const news = waiting.map((key) => points.find((it) => it.key === key)?.sampledAt).join();
  useEffect(() => {
    if (news !== "") refetch();
  }, [news]);
  const reset = async (point: string) => {
    const path = point.split("/").map(encodeURIComponent).join("/");
    const answer = await panel.act(`/api/min-max/${path}/reset`);
    panel.fault.value = answer.ok ? undefined : answer.fault;
    if (answer.ok) setChecked((known) => [...known.filter((key) => key !== point), point]);
    refetch();
  };
  return (
    <Section id="daily" title={words.title}>
      <p class="hint">{words.about}</p>
      {panel.may("acknowledge") === false && <WhoMay permission="acknowledge" />}
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body?.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="row-list">
        {body?.map((range) => (
          <li class="row daily" key={range.point}>
            <Range
              range={range}
              onReset={() => panel.whenLoggedIn(() => void reset(range.point))}
            />
          </li>
        ))}
        {waiting.map((key) => (
          <li class="row daily" key={key}>
            <div class="row-main">
              <p class="row-title">{pointName(points.find((it) => it.key === key) ?? { key })}</p>
              <p class="row-detail">{words.begun}</p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface RangeProps {
  readonly range: MinMaxView;
  readonly onReset: () => void;
}

function Range({ range, onReset }: RangeProps) {
  const { preference, snapshot, format, may } = usePanel();
  const words = panelAlarmsText[preference.language.value].daily;
  const point = snapshot.value?.points.find(({ key }) => key === range.point);
  const places = snapshot.value?.gateway.locations ?? [];
  const home = point?.location ?? places.find((it) => it.points.includes(range.point))?.id;
  const where = placeText(places, home);
  const name = pointName(point ?? { key: range.point });
  const title = where === undefined ? name : `${where}: ${name}`;
  const extremes = [
    [words.lowest, range.min],
    [words.highest, range.max],
  ] as const;
  return (
    <>
      <div class="row-main">
        <p class="row-title">{title}</p>
        <dl class="daily-values">
          {extremes.map(([word, { value, at }]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{format.value.quantity(value, point?.unit)}</dd>
              <dd class="row-detail">
                <At at={at} />
              </dd>
            </div>
          ))}
        </dl>
        <p class="row-detail">
          {range.resetBy === undefined ? words.since : words.checkedBy(range.resetBy)}{" "}
          <At at={range.since} />, <Ago at={range.since} />
        </p>
      </div>
      {may("acknowledge") !== false && (
        <Button label={words.checkedNamed(title)} onPress={onReset}>
          {words.checked}
        </Button>
      )}
    </>
  );
}

function minMaxOf(body: unknown): readonly MinMaxView[] {
  return Array.isArray(body) ? body.filter(isMinMax) : [];
}

function isMinMax(value: unknown): value is MinMaxView {
  return (
    isRecord(value) &&
    typeof value["point"] === "string" &&
    isRecord(value["min"]) &&
    isRecord(value["max"])
  );
}
