import { panelStockText } from "../../../../config/language/panel-stock.ts";
import { warningsText } from "../../../../config/language/warnings.ts";
import type { StockView } from "../../stock-api.ts";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { amountText, doubtOf, furtherWarnings, stateLooks, warningLooks } from "./stock-look.ts";

/** The state and every warning besides: shape, word and colour. */
export function StockTags({ view }: { readonly view: StockView }) {
  const language = usePanel().preference.language.value;
  const [tone, shape] = stateLooks[view.state];
  const held = view.lots.some(({ state }) => state === "held");
  return (
    <span class="stock-tags">
      <Tag tone={tone} shape={shape}>
        {panelStockText[language].states[view.state]}
      </Tag>
      {furtherWarnings(view).map((kind) => (
        <Tag key={kind} tone={warningLooks[kind][0]} shape={warningLooks[kind][1]}>
          {warningsText[language].kinds[kind].title}
        </Tag>
      ))}
      {held && (
        <Tag tone="high" shape="latch">
          {panelStockText[language].lotStates.held}
        </Tag>
      )}
    </span>
  );
}

/** How much, and between what where the scale cannot tell exactly. */
export function Amount({ view }: { readonly view: StockView }) {
  const { format, preference } = usePanel();
  const language = preference.language.value;
  const doubt = doubtOf(view);
  const number = format.value.number;
  if (view.state === "unknown") return <span class="stock-amount">–</span>;
  const { quantity, available } = view;
  return (
    <span class="stock-amount">
      <strong>{number(quantity)}</strong>{" "}
      <span class="stock-unit">{warningsText[language].units[view.unit]}</span>
      {doubt !== undefined && (
        <span class="stock-doubt">
          {" "}
          ({number(doubt[0])}–{number(doubt[1])})
        </span>
      )}
      {available !== quantity && (
        <span class="stock-available">
          {panelStockText[language].onlyAvailable(number(available))}
        </span>
      )}
    </span>
  );
}

/** A quantity of this line in words. */
export function useAmount(unit: StockView["unit"]): (value: number) => string {
  const { format, preference } = usePanel();
  return (value) => amountText(value, unit, format.value, preference.language.value);
}
