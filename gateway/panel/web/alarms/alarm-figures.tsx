import { type PanelFigure, panelFiguresText } from "../../../../config/language/panel-figures.ts";
import { saidOf } from "../../../stock/warnings/figure-text.ts";
import type { AlarmView } from "../../api.ts";
import { usePanel } from "../panel.ts";
import { stockHash } from "../stock/book-links.ts";
import { figureNames, warningKindOf } from "./figure-list.ts";

interface AlarmFiguresProps {
  readonly alarm: AlarmView;
  /** All of them, not only those that say it at a glance. */
  readonly whole: boolean;
}

/** The numbers by which a stock alarm was raised, as they were then, in words with units; and the way to the goods. */
export function AlarmFigures({ alarm, whole }: AlarmFiguresProps) {
  const { preference, question, wall } = usePanel();
  const language = preference.language.value;
  const words = panelFiguresText[language];
  const { figures = {}, location, item } = alarm;
  const said = saidOf(figures, unitOf(figures["unit"]), language);
  const known = Object.keys(words.names).filter((name): name is PanelFigure => name in words.names);
  const kind = whole ? undefined : warningKindOf(alarm.rule);
  return (
    <>
      <dl class="alarm-values alarm-figures">
        {figureNames(kind, figures, known).map((name) => (
          <div key={name}>
            <dt>{words.names[name]}</dt>
            <dd>{said(name)}</dd>
          </div>
        ))}
      </dl>
      {location !== undefined && item !== undefined && !wall.value && (
        <a
          class="button alarm-item"
          href={stockHash(location, item)}
          onClick={() => {
            question.value = undefined;
          }}
        >
          {words.toItem}
        </a>
      )}
    </>
  );
}

/** As the figures were written; pieces are the most usual. */
function unitOf(unit: unknown) {
  return unit === "kg" || unit === "L" || unit === "m" ? unit : "pcs";
}
