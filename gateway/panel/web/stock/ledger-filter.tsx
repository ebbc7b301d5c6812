import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { dayEnd, dayStart } from "../manage/zone-day.ts";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import type { LedgerQuestion } from "./ledger-search.ts";

/** As names and lots may be. */
const itemCharsMax = 63;
const lotCharsMax = 20;

interface LedgerFilterProps {
  readonly onSearch: (question: LedgerQuestion) => void;
}

/** Place, item, lot, kind, and days of the place that is watched. */
export function LedgerFilter({ onSearch }: LedgerFilterProps) {
  const { preference, snapshot } = usePanel();
  const words = panelBookingText[preference.language.value];
  const zone = snapshot.value?.gateway.timezone;
  const places = snapshot.value?.gateway.locations ?? [];
  const search = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const text = (name: string) => String(fields.get(name) ?? "").trim();
    const from = dayStart(text("from"), zone);
    const to = dayEnd(text("to"), zone);
    onSearch({
      location: text("location"),
      item: text("item"),
      lot: text("lot"),
      kind: text("kind"),
      ...(!Number.isNaN(from) && { from }),
      ...(!Number.isNaN(to) && { to }),
    });
  };
  return (
    <form
      class="filter ledger-filter card"
      onSubmit={(event) => {
        event.preventDefault();
        search(event.currentTarget);
      }}
    >
      <div class="field">
        <label for="location">{words.location}</label>
        <select id="location" name="location">
          <option value="">{words.ledger.all}</option>
          {places.map(({ id }) => (
            <option key={id} value={id}>
              {placeText(places, id)}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="item">{words.item}</label>
        <input id="item" name="item" maxLength={itemCharsMax} autocomplete="off" />
      </div>
      <div class="field">
        <label for="lot">{words.lot}</label>
        <input id="lot" name="lot" maxLength={lotCharsMax} autocomplete="off" />
      </div>
      <div class="field">
        <label for="kind">{words.ledger.kind}</label>
        <select id="kind" name="kind">
          <option value="">{words.ledger.all}</option>
          {Object.entries(words.kinds).map(([kind, word]) => (
            <option key={kind} value={kind}>
              {word}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="from">{words.ledger.from}</label>
        <input id="from" name="from" type="date" />
      </div>
      <div class="field">
        <label for="to">{words.ledger.to}</label>
        <input id="to" name="to" type="date" />
      </div>
      <button type="submit" class="button primary">
        {words.ledger.search}
      </button>
    </form>
  );
}
