import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { LotView, StockView } from "../../stock-api.ts";
import { At } from "../ago.tsx";
import { Section } from "../components/section.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { hashOf } from "../view.ts";
import { LotActions } from "./actions.tsx";
import { lotLooks } from "./stock-look.ts";
import { useAmount } from "./stock-tags.tsx";

interface LotsProps {
  readonly stock: StockView;
  readonly onDone: () => void;
}

/** Lots in the order in which they are to be taken. */
export function ItemLots({ stock, onDone }: LotsProps) {
  const words = panelStockText[usePanel().preference.language.value].lots;
  const lots = [...stock.lots].sort(byExpiry);
  const free = lots.filter(({ state }) => state === "good" || state === "near-expiry");
  const first = free.length > 1 ? free.find(({ expires }) => expires !== undefined) : undefined;
  return (
    <Section id="lots" title={words.title}>
      {lots.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="row-list">
        {lots.map((lot) => (
          <li key={lot.lot ?? ""} class={`row lot-row tone-${lotLooks[lot.state][0]}`}>
            <Lot lot={lot} unit={stock.unit} isFirst={lot === first} />
            <LotActions location={stock.location} item={stock.item} lot={lot} onDone={onDone} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The first to expire comes first; what has no date last. */
function byExpiry(a: LotView, b: LotView): number {
  return (a.expires ?? "9").localeCompare(b.expires ?? "9");
}

interface LotProps {
  readonly lot: LotView;
  readonly unit: StockView["unit"];
  readonly isFirst: boolean;
}

function Lot({ lot, unit, isFirst }: LotProps) {
  const { preference } = usePanel();
  const all = panelStockText[preference.language.value];
  const words = all.lots;
  const amount = useAmount(unit);
  const [tone, shape] = lotLooks[lot.state];
  return (
    <div class="row-main lot">
      <p class="lot-name">
        <span class="row-title">{lot.lot ?? words.unknown}</span>{" "}
        {isFirst && <span class="lot-first">{words.first}</span>}
      </p>
      <p class="lot-amount">{amount(lot.quantity)}</p>
      <p class="row-detail">
        {lot.expires === undefined ? words.noDate : `${words.expires} ${lot.expires}`}
        {lot.daysLeft !== undefined && ` · ${leftText(lot.daysLeft, words)}`}
      </p>
      <p>
        <Tag tone={tone} shape={shape}>
          {all.lotStates[lot.state]}
        </Tag>
      </p>
      {lot.hold !== undefined && <Hold hold={lot.hold} />}
    </div>
  );
}

function Hold({ hold }: { readonly hold: NonNullable<LotView["hold"]> }) {
  const words = panelStockText[usePanel().preference.language.value].lots;
  return (
    <p class="row-detail">
      {hold.by === undefined ? words.held : words.heldBy(hold.by)} <At at={hold.since} />
      {hold.cause !== "person" && (
        <>
          {" · "}
          <a class="text-link" href={hashOf("excursions", hold.cause)}>
            {words.excursion} {hold.cause}
          </a>
        </>
      )}
    </p>
  );
}

function leftText(days: number, words: (typeof panelStockText)["en"]["lots"]): string {
  if (days < 0) return words.over(String(-days));
  return days === 0 ? words.today : words.left(String(days));
}
