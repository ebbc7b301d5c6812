import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { StockView } from "../../stock-api.ts";
import { Ago } from "../ago.tsx";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { Fill } from "./fill.tsx";
import { useScale } from "./racks.tsx";
import { roundedDays } from "./reckoned.ts";
import { lineKey, stockHref, toneOf } from "./stock-look.ts";
import { Amount, StockTags } from "./stock-tags.tsx";

/** Stock line below line, for many items. */
export function StockRows({ lines }: { readonly lines: readonly StockView[] }) {
  return (
    <ul class="row-list stock-rows">
      {lines.map((view) => (
        <li key={lineKey(view)}>
          <StockRow view={view} />
        </li>
      ))}
    </ul>
  );
}

function StockRow({ view }: { readonly view: StockView }) {
  const { preference, snapshot, format } = usePanel();
  const words = panelStockText[preference.language.value];
  const locations = snapshot.value?.gateway.locations ?? [];
  const scale = useScale(locations.find(({ id }) => id === view.location));
  const isOld = scale === "old" || scale === "bad";
  const { coverDays, movedAt } = view;
  return (
    <a class={`stock-row tone-${toneOf(view)}${isOld ? " stock-old" : ""}`} href={stockHref(view)}>
      <span class="stock-what">
        <span class="stock-name">{view.name ?? view.item}</span>
        <span class="stock-id">
          {view.name !== undefined && `${view.item} · `}
          {placeText(locations, view.location)}
        </span>
      </span>
      <span class="stock-much">
        <Amount view={view} />
        <Fill view={view} />
      </span>
      <StockTags view={view} />
      <span class="stock-moved">
        {coverDays !== undefined && (
          <span>
            {words.item.cover} {words.item.days(format.value.number(roundedDays(coverDays)))} ·{" "}
          </span>
        )}
        {movedAt === undefined ? (
          words.never
        ) : (
          <>
            {words.moved} <Ago at={movedAt} />
          </>
        )}
      </span>
    </a>
  );
}
