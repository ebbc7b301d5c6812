import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { LotView, StockView } from "../../stock-api.ts";
import { Ago } from "../ago.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { Tag, type Tone } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import type { ShapeName } from "../severity.ts";
import { useFetched } from "../use-fetched.ts";
import { hashOf } from "../view.ts";
import { LotActions } from "./actions.tsx";
import { stockPageOf } from "./book-answers.ts";
import { stockHash } from "./book-links.ts";

/** Lines of stock that one list asks for: a page that people can still walk through. */
const linesMax = 200;

const states: Readonly<Record<LotView["state"], readonly [Tone, ShapeName]>> = {
  good: ["good", "check"],
  "near-expiry": ["medium", "clock"],
  expired: ["critical", "cross"],
  held: ["high", "latch"],
};

/** Lots that nobody may take, and those that expire soon. */
export function HoldsPage() {
  const words = panelBookingText[usePanel().preference.language.value].holds;
  return (
    <>
      <Section id="locked" title={words.locked}>
        <p class="hint">{words.about}</p>
        <Lots lots="locked" none={words.noneLocked} />
      </Section>
      <Section id="near" title={words.near}>
        <Lots lots="near-expiry" none={words.noneNear} />
      </Section>
    </>
  );
}

interface LotsProps {
  readonly lots: "locked" | "near-expiry";
  readonly none: string;
}

function Lots({ lots, none }: LotsProps) {
  const { preference, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  const { body, fault, refetch } = useFetched(
    `/api/stock?lots=${lots}&limit=${linesMax}`,
    stockPageOf,
  );
  const isMeant = ({ state }: LotView) =>
    lots === "locked" ? state === "held" || state === "expired" : state === "near-expiry";
  if (body === undefined) {
    return fault === undefined ? (
      <p class="loading">{words.loading}…</p>
    ) : (
      <FaultBox fault={fault} />
    );
  }
  const rows = body.stock.flatMap((view) =>
    view.lots.filter(isMeant).map((lot) => ({ view, lot })),
  );
  if (rows.length === 0) return <p class="empty">{none}</p>;
  const number = format.value.integer;
  return (
    <>
      <FaultBox fault={fault} />
      <ul class="row-list">
        {rows.map(({ view, lot }) => (
          <LotRow
            key={`${view.location}/${view.item}/${lot.lot ?? ""}`}
            view={view}
            lot={lot}
            onDone={refetch}
          />
        ))}
      </ul>
      {body.total > body.stock.length && (
        <p class="hint">{words.count.many(number(body.stock.length), number(body.total))}</p>
      )}
    </>
  );
}

interface LotRowProps {
  readonly view: StockView;
  readonly lot: LotView;
  readonly onDone: () => void;
}

function LotRow({ view, lot, onDone }: LotRowProps) {
  const { preference, snapshot, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  const { location, item, name = item, unit } = view;
  const [tone, shape] = states[lot.state];
  const { hold, expires, daysLeft } = lot;
  return (
    <li class="row booking-row">
      <div class="row-main">
        <p class="row-title">
          <a class="booking-link" href={stockHash(location, item)}>
            {name}
          </a>
          {" · "}
          {lot.lot ?? words.holds.noLot}
        </p>
        <p class="row-detail">
          <Tag tone={tone} shape={shape}>
            {words.holds.states[lot.state]}
          </Tag>{" "}
          {format.value.number(lot.quantity)} {words.units[unit]}
          {" · "}
          {placeText(snapshot.value?.gateway.locations ?? [], location)}
        </p>
        {expires !== undefined && (
          <p class="row-detail">
            {words.expires} {expires}
            {daysLeft !== undefined && ` · ${daysText(words.holds, daysLeft)}`}
          </p>
        )}
        {hold !== undefined && (
          <p class="row-detail">
            <HoldCause hold={hold} /> · <Ago at={hold.since} />
          </p>
        )}
      </div>
      <LotActions location={location} item={item} lot={lot} onDone={onDone} />
    </li>
  );
}

function HoldCause({ hold }: { readonly hold: NonNullable<LotView["hold"]> }) {
  const words = panelBookingText[usePanel().preference.language.value].holds;
  if (hold.cause === "person") return <>{words.causePerson(hold.by ?? "")}</>;
  return (
    <a class="booking-link" href={hashOf("excursions", hold.cause)}>
      {words.causeExcursion(hold.cause)}
    </a>
  );
}

interface DaysWords {
  readonly daysLeft: (days: string) => string;
  readonly daysOver: (days: string) => string;
  readonly today: string;
}

function daysText(words: DaysWords, days: number): string {
  if (days === 0) return words.today;
  return days > 0 ? words.daysLeft(String(days)) : words.daysOver(String(-days));
}
