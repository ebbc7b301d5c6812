import { useEffect } from "preact/hooks";
import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { ItemOutlook } from "../../stock-api.ts";
import { Ago } from "../ago.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { useFetched } from "../use-fetched.ts";
import { hashOf } from "../view.ts";
import { BookButton, CountButton } from "./actions.tsx";
import { Fill } from "./fill.tsx";
import { outlookOf } from "./item-answers.ts";
import { ItemChart } from "./item-chart.tsx";
import { ItemLots } from "./item-lots.tsx";
import { ItemMovements } from "./item-movements.tsx";
import { ItemNumbers } from "./item-numbers.tsx";
import { ItemProposal } from "./item-proposal.tsx";
import { ItemWarnings } from "./item-warnings.tsx";
import { ScaleTag } from "./racks.tsx";
import { toneOf } from "./stock-look.ts";
import { Amount, StockTags } from "./stock-tags.tsx";
import { useTouches } from "./use-live.ts";

interface ItemPageProps {
  readonly location: string;
  readonly item: string;
}

/** All that is known of one item at one location: how much, how it is reckoned, what was, what will be. */
export function ItemPage({ location, item }: ItemPageProps) {
  const { preference, snapshot } = usePanel();
  const words = panelStockText[preference.language.value];
  const touches = useTouches(location, item);
  const query = new URLSearchParams({ location, item });
  const { body, fault, refetch } = useFetched(`/api/stock/outlook?${query}`, outlookOf, touches);
  useEffect(() => scrollTo(0, 0), []);
  const places = snapshot.value?.gateway.locations ?? [];
  return (
    <>
      <div class="button-row">
        <a class="button" href={hashOf("stock")}>
          {words.item.all}
        </a>
        {body !== undefined && (
          <>
            <BookButton location={location} item={item} onDone={refetch} />
            <CountButton location={location} item={item} onDone={refetch} />
          </>
        )}
      </div>
      {body === undefined && fault?.code === "stock/unknown" ? (
        <p class="empty">{words.item.gone(item, placeText(places, location) ?? location)}</p>
      ) : (
        <FaultBox fault={fault} />
      )}
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body !== undefined && <Known outlook={body} touches={touches} onDone={refetch} />}
    </>
  );
}

interface KnownProps {
  readonly outlook: ItemOutlook;
  readonly touches: number;
  readonly onDone: () => void;
}

function Known({ outlook, touches, onDone }: KnownProps) {
  const { stock } = outlook;
  return (
    <>
      <ItemHead outlook={outlook} />
      <ItemWarnings stock={stock} />
      <ItemProposal outlook={outlook} onDone={onDone} />
      <ItemChart outlook={outlook} />
      <ItemNumbers outlook={outlook} />
      <ItemLots stock={stock} onDone={onDone} />
      <ItemMovements stock={stock} touches={touches} />
    </>
  );
}

function ItemHead({ outlook: { stock } }: Pick<KnownProps, "outlook">) {
  const { preference, snapshot } = usePanel();
  const words = panelStockText[preference.language.value];
  const places = snapshot.value?.gateway.locations ?? [];
  const place = places.find(({ id }) => id === stock.location);
  return (
    <Section id="item" title={stock.name ?? stock.item}>
      <div class={`card item-head tone-${toneOf(stock)}`}>
        <p class="hint">
          <code>{stock.item}</code> · {placeText(places, stock.location)}
        </p>
        <p class="item-amount">
          <Amount view={stock} />
          {place !== undefined && <ScaleTag location={place} />}
        </p>
        <Fill view={stock} />
        <StockTags view={stock} />
        <p class="stock-moved">
          {stock.movedAt === undefined ? (
            words.never
          ) : (
            <>
              {words.moved} <Ago at={stock.movedAt} />
            </>
          )}
        </p>
      </div>
    </Section>
  );
}
