import { useState } from "preact/hooks";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { MovementView, StockView } from "../../stock-api.ts";
import { At } from "../ago.tsx";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import type { Fault } from "../request.ts";
import { useFetched } from "../use-fetched.ts";
import { movementsOf } from "./item-answers.ts";
import { useAmount } from "./stock-tags.tsx";

/** Movements of one answer: a screen or two on a phone. */
const movementsPerPage = 20;

interface MovementsProps {
  readonly stock: StockView;
  readonly touches: number;
}

/** What moved here, the newest first, page by page. */
export function ItemMovements({ stock, touches }: MovementsProps) {
  const { preference, get } = usePanel();
  const words = panelStockText[preference.language.value].movements;
  const { location, item } = stock;
  const query = new URLSearchParams({ location, item, limit: String(movementsPerPage) });
  const newest = useFetched(`/api/stock/movements?${query}`, movementsOf, touches);
  const [older, setOlder] = useState<readonly MovementView[]>([]);
  const [next, setNext] = useState<number | "end">();
  const [fault, setFault] = useState<Fault>();
  const all = withoutDoubles([...(newest.body?.movements ?? []), ...older]);
  const before = next ?? newest.body?.next ?? "end";
  const more = async () => {
    const answer = await get(`/api/stock/movements?${query}&before=${before}`);
    setFault(answer.ok ? undefined : answer.fault);
    if (!answer.ok) return;
    const page = movementsOf(answer.body);
    setOlder((known) => [...known, ...page.movements]);
    setNext(page.next ?? "end");
  };
  return (
    <Section id="movements" title={words.title}>
      <FaultBox fault={newest.fault ?? fault} />
      {newest.body !== undefined && all.length === 0 && <p class="empty">{words.none}</p>}
      <ol class="row-list">
        {all.map((movement) => (
          <li key={movement.seq} class="row movement">
            <Movement movement={movement} />
          </li>
        ))}
      </ol>
      {before !== "end" && (
        <div class="button-row">
          <Button onPress={() => void more()}>{words.more}</Button>
        </div>
      )}
    </Section>
  );
}

/** What came meanwhile pushes older ones onto the next page: they are there already then. */
function withoutDoubles(movements: readonly MovementView[]): readonly MovementView[] {
  return [...new Map(movements.map((movement) => [movement.seq, movement])).values()];
}

function Movement({ movement }: { readonly movement: MovementView }) {
  const { preference } = usePanel();
  const language = preference.language.value;
  const words = panelStockText[language].movements;
  const booking = panelBookingText[language];
  const amount = useAmount(movement.unit);
  const { kind, quantity, at, since, lot, evidence, clock, reason, partner } = movement;
  const { by, person, document, expected, counted, weightBefore, weightAfter, note } = evidence;
  const kg = (value: number) => `${Number(value.toFixed(3))}\u00a0kg`;
  const facts = [
    lot === undefined ? undefined : words.lot(lot),
    reason === undefined ? undefined : booking.reasons[reason],
    partner,
    expected === undefined || counted === undefined
      ? undefined
      : words.counted(amount(expected), amount(counted)),
    weightBefore === undefined || weightAfter === undefined
      ? undefined
      : words.weights(kg(weightBefore), kg(weightAfter)),
    person ?? words.evidence[by],
    document,
    clock === "unset" ? words.noClock : undefined,
  ].filter((fact) => fact !== undefined);
  const sign = quantity > 0 ? "+" : quantity < 0 ? "−" : "±";
  return (
    <>
      <p class="movement-quantity">
        {sign}
        {amount(Math.abs(quantity))}
      </p>
      <div class="row-main">
        <p class="row-title">{booking.kinds[kind]}</p>
        <p class="row-detail">{facts.join(" · ")}</p>
        {note !== undefined && <q class="row-detail">{note}</q>}
      </div>
      <p class="row-detail movement-at">
        {since !== undefined && (
          <>
            {words.since} <At at={since} /> –{" "}
          </>
        )}
        <At at={at} />
      </p>
    </>
  );
}
