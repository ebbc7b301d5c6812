import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { ItemOutlook } from "../../stock-api.ts";
import { At } from "../ago.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { type Reckoned, reckoned } from "./reckoned.ts";
import { useAmount } from "./stock-tags.tsx";

/** The numbers of an item, each with the way in which it came about, for who asks. */
export function ItemNumbers({ outlook }: { readonly outlook: ItemOutlook }) {
  const { preference, format } = usePanel();
  const words = panelStockText[preference.language.value];
  const amount = useAmount(outlook.stock.unit);
  const numbers = reckoned(outlook, { words, amount, format: format.value });
  return (
    <Section id="numbers" title={words.why.title}>
      <dl class="card item-numbers">
        {numbers.map((number) => (
          <ItemNumber key={number.name} {...number} />
        ))}
      </dl>
      {outlook.reviewedAt !== undefined && (
        <p class="hint">
          {words.why.reviewed} <At at={outlook.reviewedAt} />
        </p>
      )}
    </Section>
  );
}

function ItemNumber({ name, value, note, why }: Reckoned) {
  const words = panelStockText[usePanel().preference.language.value].why;
  return (
    <div class="item-number">
      <dt>{name}</dt>
      <dd>
        <strong class="item-value">{value}</strong>
        {note !== undefined && <span class="item-note"> {note}</span>}
        {why.length > 0 && (
          <details>
            <summary aria-label={words.askNamed(name)}>{words.ask}</summary>
            {why.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </details>
        )}
      </dd>
    </div>
  );
}
