import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { StockView } from "../../stock-api.ts";
import { Shape } from "../components/shape.tsx";
import { usePanel } from "../panel.ts";
import { type BookingForm, type PlannedChange, plannedChanges } from "./book-plan.ts";

interface PreviewProps {
  readonly form: BookingForm;
  readonly stock: readonly StockView[];
}

/** Says before a booking what it will make of the stock. */
export function BookPreview({ form, stock }: PreviewProps) {
  const words = panelBookingText[usePanel().preference.language.value].book;
  const changes = plannedChanges(form, stock);
  return (
    <div class="preview" aria-live="polite">
      <p class="preview-title">{words.will}</p>
      {changes.length === 0 ? (
        <p class="hint">{words.nothing}</p>
      ) : (
        <ul>
          {changes.map((change) => (
            <li key={change.location}>
              <Change change={change} stock={stock} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface ChangeProps {
  readonly change: PlannedChange;
  readonly stock: readonly StockView[];
}

function Change({ change, stock }: ChangeProps) {
  const { preference, format, snapshot } = usePanel();
  const words = panelBookingText[preference.language.value];
  const view = stock.find(({ location }) => location === change.location);
  const unit = words.units[stock[0]?.unit ?? "pcs"];
  const said = (quantity: number) => `${format.value.number(quantity)}\u00a0${unit}`;
  const places = snapshot.value?.gateway.locations ?? [];
  const place = places.find(({ id }) => id === change.location)?.name ?? change.location;
  const { after } = change;
  const isTooMuch = after < 0 && after < change.before;
  const isLow = !isTooMuch && view?.min !== undefined && after < view.min;
  const low = isLow ? view.min : undefined;
  const high = view?.max !== undefined && after > view.max ? view.max : undefined;
  return (
    <>
      {place}
      {words.colon}
      <strong>{words.book.fromTo(said(change.before), said(after))}</strong>
      {isTooMuch && (
        <span class="tag tone-critical preview-limit">
          <Shape name="cross" />
          <span>{words.book.problems.tooMuch}</span>
        </span>
      )}
      {(low !== undefined || high !== undefined) && (
        <span class="tag tone-medium preview-limit">
          <Shape name="diamond" />
          <span>
            {low !== undefined && words.book.belowMin(said(low))}
            {high !== undefined && words.book.aboveMax(said(high))}
          </span>
        </span>
      )}
    </>
  );
}
