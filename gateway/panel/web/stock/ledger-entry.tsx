import type { ComponentChildren } from "preact";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { MovementView } from "../../stock-api.ts";
import { localeOf } from "../format.ts";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { stockHash } from "./book-links.ts";

/** One movement: what, how much, where; opened, what it is believed by. */
export function LedgerEntry({ movement }: { readonly movement: MovementView }) {
  const { preference, snapshot, format } = usePanel();
  const language = preference.language.value;
  const words = panelBookingText[language];
  const { kind, item, location, lot, quantity, unit, at, evidence } = movement;
  const time = new Intl.DateTimeFormat(localeOf(language), {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: snapshot.value?.gateway.timezone,
  });
  const sign = quantity > 0 ? "+" : "−";
  const shown = `${quantity === 0 ? "±" : sign}${format.value.number(Math.abs(quantity))}`;
  const who = evidence.person ?? words.ledger.byWords[evidence.by];
  return (
    <li class="audit-entry ledger-entry">
      <details>
        <summary>
          <span class="ledger-head">
            <strong class={quantity < 0 ? "ledger-quantity out" : "ledger-quantity"}>
              {shown} {words.units[unit]}
            </strong>
            <span>
              {words.kinds[kind]} · <b>{item}</b>
              {lot !== undefined && ` · ${words.lotNamed(lot)}`}
            </span>
          </span>
          <span class="audit-about">
            <time dateTime={new Date(at).toISOString()}>{time.format(at)}</time>
            {" · "}
            {placeText(snapshot.value?.gateway.locations ?? [], location)} · {who}
          </span>
        </summary>
        <Evidence movement={movement} said={(instant) => time.format(instant)} />
      </details>
    </li>
  );
}

interface EvidenceProps {
  readonly movement: MovementView;
  /** An instant as people of the place write it. */
  readonly said: (at: number) => string;
}

type Row = readonly [string, ComponentChildren];

function Evidence({ movement, said }: EvidenceProps) {
  const { preference, snapshot } = usePanel();
  const words = panelBookingText[preference.language.value];
  const it = words.ledger;
  const { evidence, location, item, lot, lotBy, reason, partner, since, at, clock, id } = movement;
  const { person, document, note } = evidence;
  const places = snapshot.value?.gateway.locations ?? [];
  const rows: readonly (Row | undefined)[] = [
    [it.by, it.byWords[evidence.by]],
    ...numberRows(movement, usePanel()),
    reason && [it.reason, words.reasons[reason]],
    partner !== undefined ? [it.partner, placeText(places, partner)] : undefined,
    person !== undefined ? [it.person, person] : undefined,
    document !== undefined ? [it.document, document] : undefined,
    note !== undefined ? [it.note, note] : undefined,
    lot !== undefined && lotBy !== undefined ? [it.lotBy, it.lotByWords[lotBy]] : undefined,
    [it.when, since === undefined ? said(at) : it.between(said(since), said(at))],
    [it.clock, it.clocks[clock]],
    evidence.tags && [
      it.tags(String(evidence.tags.length)),
      <code key="tags">{evidence.tags.join(" ")}</code>,
    ],
    [it.id, <code key="id">{id}</code>],
  ];
  return (
    <>
      <dl class="facts">
        {rows.map(
          (row) =>
            row !== undefined && (
              <div key={row[0]}>
                <dt>{row[0]}</dt>
                <dd>{row[1]}</dd>
              </div>
            ),
        )}
      </dl>
      <p class="ledger-link">
        <a class="button" href={stockHash(location, item)}>
          {words.toItem}
        </a>
      </p>
    </>
  );
}

/** What was weighed or counted. Weights are read to a tenth of a gram: the residual is of that size. */
function numberRows(
  { evidence, unit }: MovementView,
  { preference, format }: ReturnType<typeof usePanel>,
): readonly Row[] {
  const words = panelBookingText[preference.language.value];
  const { ledger: it } = words;
  const { weightBefore, weightAfter, residual, interval, expected, counted } = evidence;
  const number = format.value.number;
  const amount = (value: number) => `${number(value)} ${words.units[unit]}`;
  const kg = (value: number) => `${Number(value.toFixed(4))} kg`;
  return [
    ...(weightBefore === undefined || weightAfter === undefined
      ? []
      : [[it.weights, `${kg(weightBefore)} → ${kg(weightAfter)}`] as const]),
    ...(residual === undefined
      ? []
      : [[it.residual, `${number(Number((residual * 1_000).toFixed(1)))} g`] as const]),
    ...(interval === undefined
      ? []
      : [[it.interval, `${number(interval[0])} … ${amount(interval[1])}`] as const]),
    ...(expected === undefined ? [] : [[it.expected, amount(expected)] as const]),
    ...(counted === undefined ? [] : [[it.counted, amount(counted)] as const]),
  ];
}
