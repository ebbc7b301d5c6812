import { useEffect, useRef } from "preact/hooks";
import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { ItemOutlook } from "../../stock-api.ts";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { useAmount } from "./stock-tags.tsx";

/** Past days, and days ahead, that stand in figures under the chart. */
const pastRows = 7;
const aheadRows: readonly number[] = [1, 2, 3, 7, 14, 30, 60];

/** Quantity and demand day by day, and how it goes on. */
export function ItemChart({ outlook }: { readonly outlook: ItemOutlook }) {
  const { preference, format } = usePanel();
  const language = preference.language.value;
  const words = panelStockText[language].chart;
  const amount = useAmount(outlook.stock.unit);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let close: (() => void) | undefined;
    let gone = false;
    // The chart library is fetched when somebody looks at an item, not before.
    const draw = async () => {
      const { drawStockChart } = await import("./stock-chart.ts");
      if (gone) return;
      close = drawStockChart(element, outlook, {
        amount,
        number: (value) => format.peek().number(value),
        words: panelStockText[language].chart,
      });
    };
    void draw();
    return () => {
      gone = true;
      close?.();
    };
    // Words and numbers change with the language alone.
  }, [outlook, language, format]);
  const { stock, fan } = outlook;
  return (
    <Section id="chart" title={words.title}>
      <div class="card">
        <Legend hasFuture={fan.length > 0} />
        <div
          class="chart stock-chart"
          ref={place}
          role="img"
          aria-label={words.describe(stock.name ?? stock.item)}
        />
        <p class="hint">{fan.length > 0 ? words.ifNothing : words.noFuture}</p>
        <Figures outlook={outlook} />
      </div>
    </Section>
  );
}

function Legend({ hasFuture }: { readonly hasFuture: boolean }) {
  const words = panelStockText[usePanel().preference.language.value].chart;
  const entries = [
    ["quantity", words.quantity],
    ["demand", words.demand],
    ...(hasFuture
      ? [
          ["median", words.expected],
          ["band", words.band],
        ]
      : []),
  ];
  return (
    <ul class="chart-legend" aria-label={words.legend}>
      {entries.map(([kind, word]) => (
        <li key={kind}>
          <span class={`legend-${kind}`} aria-hidden="true" />
          {word}
        </li>
      ))}
    </ul>
  );
}

/** The chart for whoever cannot see it, and for who wants to write it down. */
function Figures({ outlook: { days, fan, stock } }: { readonly outlook: ItemOutlook }) {
  const words = panelStockText[usePanel().preference.language.value].chart;
  const amount = useAmount(stock.unit);
  return (
    <details>
      <summary>{words.figures}</summary>
      <table class="figures-table">
        <thead>
          <tr>
            <th scope="col">{words.day}</th>
            <th scope="col">{words.quantity}</th>
            <th scope="col">{words.demand}</th>
          </tr>
        </thead>
        <tbody>
          {days.slice(-pastRows).map(({ day, quantity, demand }) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              <td>{amount(quantity)}</td>
              <td>{amount(demand)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {fan.length > 0 && (
        <table class="figures-table">
          <thead>
            <tr>
              <th scope="col">{words.day}</th>
              <th scope="col">{words.expected}</th>
              <th scope="col">{words.band}</th>
            </tr>
          </thead>
          <tbody>
            {fan
              .filter((_, index) => aheadRows.includes(index + 1))
              .map(({ day, low, median, high }) => (
                <tr key={day}>
                  <th scope="row">{day}</th>
                  <td>{amount(median)}</td>
                  <td>{words.between(amount(low), amount(high))}</td>
                </tr>
              ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
