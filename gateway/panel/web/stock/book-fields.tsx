import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { StockView } from "../../stock-api.ts";
import { usePanel } from "../panel.ts";
import {
  type BookingForm,
  bookingKinds,
  bookingReasons,
  directionOf,
  isOutward,
} from "./book-plan.ts";
import { QuantityField } from "./book-quantity.tsx";
import { ScanField } from "./book-scan.tsx";
import { Pick, Select, TextField } from "./book-select.tsx";

/** As the gateway's schema has them. */
const lotCharsMax = 20;
const documentCharsMax = 64;
const noteCharsMax = 500;

interface FieldsProps {
  readonly form: BookingForm;
  /** Of the item, at every location. */
  readonly stock: readonly StockView[];
  /** What is given and cannot be chosen. */
  readonly fixed: { readonly item: boolean; readonly location: boolean };
  readonly onChange: (change: Partial<BookingForm>) => void;
}

export function BookFields({ form, stock, fixed, onChange }: FieldsProps) {
  const { preference, snapshot } = usePanel();
  const words = panelBookingText[preference.language.value];
  const unit = stock[0]?.unit ?? "pcs";
  const places = snapshot.value?.gateway.locations ?? [];
  const named = (id: string) => places.find((place) => place.id === id)?.name ?? id;
  const kept = stock.map(({ location }) => location);
  // Where the item is kept comes first; goods may arrive elsewhere all the same.
  const all = [...new Set([...kept, ...places.map(({ id }) => id)])];
  const choose = ["", words.book.choose] as const;
  const option = (id: string) => [id, named(id)] as const;
  return (
    <>
      <Pick
        id="kind"
        label={words.book.kind}
        value={form.kind}
        options={bookingKinds.map((kind) => [kind, words.book.kinds[kind]] as const)}
        onValue={(kind) => onChange({ kind, lot: "", expires: "" })}
      />
      <ScanField
        item={fixed.item ? form.item : undefined}
        onScanned={({ item, lot = "", expires = "", quantity }) =>
          onChange({
            item,
            lot,
            expires,
            ...(quantity !== undefined && { quantity: String(quantity) }),
            ...(!fixed.location && form.item !== item && { location: "" }),
          })
        }
      />
      {!fixed.location && form.item !== "" && (
        <Select
          id="location"
          label={words.location}
          value={form.location}
          options={[choose, ...all.map(option)]}
          onValue={(location) =>
            onChange({ location, lot: form.kind === "receipt" ? form.lot : "" })
          }
        />
      )}
      {form.kind === "transfer" && (
        <Select
          id="to"
          label={words.book.to}
          value={form.to}
          options={[choose, ...all.filter((id) => id !== form.location).map(option)]}
          onValue={(to) => onChange({ to })}
        />
      )}
      {form.kind === "adjust" && <AdjustFields form={form} onChange={onChange} />}
      <QuantityField
        id="quantity"
        label={words.book.quantityIn(words.units[unit])}
        unit={unit}
        value={form.quantity}
        onValue={(quantity) => onChange({ quantity })}
      />
      <LotFields form={form} stock={stock} onChange={onChange} />
      <details class="fold">
        <summary>{words.book.details}</summary>
        <TextField
          id="document"
          label={words.book.document}
          hint={words.book.documentHint}
          lengthMax={documentCharsMax}
          value={form.document}
          onValue={(document) => onChange({ document })}
        />
        <TextField
          id="note"
          label={words.book.note}
          lengthMax={noteCharsMax}
          value={form.note}
          onValue={(note) => onChange({ note })}
        />
      </details>
    </>
  );
}

type PartProps = Omit<FieldsProps, "fixed" | "stock">;

function AdjustFields({ form, onChange }: PartProps) {
  const words = panelBookingText[usePanel().preference.language.value];
  const { reason } = form;
  return (
    <>
      <Select
        id="reason"
        label={words.book.reason}
        value={reason}
        options={[
          ["", words.book.choose],
          ...bookingReasons.map((it) => [it, words.reasons[it]] as const),
        ]}
        onValue={(next) =>
          onChange({ reason: next, direction: directionOf(next) ?? form.direction })
        }
      />
      {reason === "correction" && (
        <Pick
          id="direction"
          label={words.book.direction}
          value={form.direction}
          options={[
            ["less", words.book.directions.less],
            ["more", words.book.directions.more],
          ]}
          onValue={(direction) => onChange({ direction, lot: "", expires: "" })}
        />
      )}
    </>
  );
}

/** What comes in may be of any lot; what goes out is of one that is there, or of the one that expires first. */
function LotFields({ form, stock, onChange }: Omit<FieldsProps, "fixed">) {
  const { preference, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  if (isOutward(form)) {
    const lots = stock.find(({ location }) => location === form.location)?.lots ?? [];
    const named = lots.flatMap(({ lot, quantity, expires }) =>
      lot === undefined ? [] : [{ lot, quantity, expires }],
    );
    // A scanned lot that is not here stands there all the same: that it is not here is then said.
    const isElsewhere = form.lot !== "" && !named.some(({ lot }) => lot === form.lot);
    const scanned = isElsewhere ? [{ lot: form.lot, quantity: 0, expires: undefined }] : [];
    const shown = [...named, ...scanned];
    if (shown.length === 0) return null;
    const unit = words.units[stock[0]?.unit ?? "pcs"];
    return (
      <Select
        id="lot"
        label={words.lot}
        value={form.lot}
        options={[
          ["", words.book.lotAny],
          ...shown.map(({ lot, quantity, expires }) => {
            const date = expires === undefined ? "" : ` · ${expires}`;
            return [lot, `${lot} · ${format.value.number(quantity)} ${unit}${date}`] as const;
          }),
        ]}
        onValue={(lot) => onChange({ lot })}
      />
    );
  }
  return (
    <>
      <TextField
        id="lot"
        label={words.book.lotNew}
        lengthMax={lotCharsMax}
        value={form.lot}
        onValue={(lot) => onChange({ lot })}
      />
      {form.lot.trim() !== "" && (
        <TextField
          id="expires"
          kind="date"
          label={words.book.expiresNew}
          lengthMax={10}
          value={form.expires}
          onValue={(expires) => onChange({ expires })}
        />
      )}
    </>
  );
}
