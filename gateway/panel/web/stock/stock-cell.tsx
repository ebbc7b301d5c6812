import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { StockView } from "../../stock-api.ts";
import { Ago } from "../ago.tsx";
import { usePanel } from "../panel.ts";
import { Fill } from "./fill.tsx";
import type { ScaleState } from "./scale-state.ts";
import { stockHref, toneOf } from "./stock-look.ts";
import { Amount, StockTags } from "./stock-tags.tsx";

interface CellProps {
  readonly view: StockView;
  /** Of the scale that counts it; absent: none does. */
  readonly scale?: ScaleState;
}

/** One item on its shelf, all of it a link to what is known of it. */
export function StockCell({ view, scale }: CellProps) {
  const words = panelStockText[usePanel().preference.language.value];
  const isOld = scale === "old" || scale === "bad";
  const classes = ["stock-cell", `tone-${toneOf(view)}`];
  if (isOld) classes.push("stock-old");
  if (scale === "moving") classes.push("stock-moving");
  return (
    <a class={classes.join(" ")} href={stockHref(view)}>
      <span class="stock-name">{view.name ?? view.item}</span>
      {view.name !== undefined && <span class="stock-id">{view.item}</span>}
      <Amount view={view} />
      <Fill view={view} />
      <StockTags view={view} />
      <span class="stock-moved">
        {view.movedAt === undefined ? (
          words.never
        ) : (
          <>
            {words.moved} <Ago at={view.movedAt} />
          </>
        )}
      </span>
    </a>
  );
}
