import { panelStockText } from "../../../../config/language/panel-stock.ts";
import { warningsText } from "../../../../config/language/warnings.ts";
import type { WarningKind } from "../../../../config/schema/item.ts";
import { saidOf } from "../../../stock/warnings/figure-text.ts";
import type { AlarmView } from "../../api.ts";
import type { StockView } from "../../stock-api.ts";
import { At } from "../ago.tsx";
import { Button } from "../components/button.tsx";
import { Section } from "../components/section.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { openAlarms, priorityShapes } from "../severity.ts";
import { StateTag } from "../state-tag.tsx";
import { warningLooks } from "./stock-look.ts";

/** What is wrong with it, with the numbers by which it was raised; the alarm is one step away. */
export function ItemWarnings({ stock }: { readonly stock: StockView }) {
  const { snapshot, preference } = usePanel();
  const language = preference.language.value;
  const words = panelStockText[language].warnings;
  const alarms = openAlarms(snapshot.value?.alarms ?? []).filter(
    ({ item, location }) => item === stock.item && location === stock.location,
  );
  const told = new Set(alarms.map(({ rule }) => kindOf(rule)));
  // In force, though no alarm of it is open: somebody has ended it, or nobody is to be called for it.
  const silent = stock.warnings.filter((kind) => !told.has(kind));
  if (alarms.length + silent.length === 0) return null;
  return (
    <Section id="warnings" title={words.title}>
      <ul class="row-list">
        {alarms.map((alarm) => (
          <li key={alarm.id} class="row">
            <Warning alarm={alarm} unit={stock.unit} />
          </li>
        ))}
        {silent.map((kind) => (
          <li key={kind} class="row">
            <Tag tone={warningLooks[kind][0]} shape={warningLooks[kind][1]}>
              {warningsText[language].kinds[kind].title}
            </Tag>
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface WarningProps {
  readonly alarm: AlarmView;
  readonly unit: StockView["unit"];
}

function Warning({ alarm, unit }: WarningProps) {
  const { preference, question } = usePanel();
  const language = preference.language.value;
  const words = panelStockText[language].warnings;
  const kind = kindOf(alarm.rule);
  const text = kind === undefined ? undefined : warningsText[language].kinds[kind];
  const title = text?.title ?? alarm.message;
  const detail = text?.detail(saidOf(alarm.figures ?? {}, unit, language));
  return (
    <>
      <div class="row-main">
        <p class="row-title">
          <Tag tone={alarm.priority} shape={priorityShapes[alarm.priority]}>
            {title}
          </Tag>
        </p>
        {detail !== undefined && <p>{detail}</p>}
        <p class="row-detail">
          <At at={alarm.raisedAt} /> <StateTag alarm={alarm} />
        </p>
        {text !== undefined && <p class="row-detail">{text.advise}</p>}
      </div>
      <Button
        label={words.openNamed(title)}
        onPress={() => {
          question.value = { ask: "alarm", alarm: alarm.id };
        }}
      >
        {words.open}
      </Button>
    </>
  );
}

/** `stock:<kind>[-<days>]:...`; undefined: a rule that somebody wrote. */
function kindOf(rule: string): WarningKind | undefined {
  const [area, named = ""] = rule.split(":");
  if (area !== "stock") return undefined;
  const what = decodeURIComponent(named).replace(/-\d+$/, "");
  return isKind(what) ? what : undefined;
}

function isKind(name: string): name is WarningKind {
  return Object.hasOwn(warningLooks, name);
}
