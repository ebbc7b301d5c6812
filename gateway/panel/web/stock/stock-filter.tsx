import { useEffect, useRef } from "preact/hooks";
import { panelStockText } from "../../../../config/language/panel-stock.ts";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { stateLooks } from "./stock-look.ts";
import { askedOf, hashOfAsked, isFiltered, type StockAsked } from "./stock-query.ts";

/** A search starts when nobody has typed for so long. */
const typingMs = 300;

const searchCharsMax = 64;

/** Search, state, location, and how to look at it. Each choice counts at once. */
export function StockFilter({ asked }: { readonly asked: StockAsked }) {
  const { preference, snapshot, text } = usePanel();
  const words = panelStockText[preference.language.value];
  const locations = snapshot.value?.gateway.locations ?? [];
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (form: HTMLFormElement) => {
    const given = new URLSearchParams({ view: asked.view });
    for (const [name, value] of new FormData(form)) given.set(name, String(value).trim());
    // Without an entry for each letter typed: back leads to where one came from.
    location.replace(hashOfAsked(askedOf(String(given))));
  };
  return (
    <search>
      <form
        class="stock-filter"
        onSubmit={(event) => {
          event.preventDefault();
          change(event.currentTarget);
        }}
      >
        <div class="field">
          <label for="stock-search">{words.search}</label>
          <input
            id="stock-search"
            name="search"
            type="search"
            maxLength={searchCharsMax}
            autocomplete="off"
            placeholder={words.searchHint}
            defaultValue={asked.search}
            onInput={({ currentTarget: { form } }) => {
              clearTimeout(timer.current);
              if (form !== null) timer.current = setTimeout(() => change(form), typingMs);
            }}
          />
        </div>
        <div class="field">
          <label for="stock-state">{words.state}</label>
          <select
            id="stock-state"
            name="state"
            value={asked.state}
            onChange={({ currentTarget: { form } }) => form !== null && change(form)}
          >
            <option value="">{words.anyState}</option>
            <option value="warned">{words.warned}</option>
            {Object.keys(stateLooks)
              .filter((state) => isWord(state, words.states))
              .map((state) => (
                <option key={state} value={state}>
                  {words.states[state]}
                </option>
              ))}
          </select>
        </div>
        <div class="field">
          <label for="stock-place">{words.place}</label>
          <select
            id="stock-place"
            name="place"
            value={asked.place}
            onChange={({ currentTarget: { form } }) => form !== null && change(form)}
          >
            <option value="">{words.anyPlace}</option>
            {locations.map(({ id }) => (
              <option key={id} value={id}>
                {placeText(locations, id)}
              </option>
            ))}
          </select>
        </div>
        <ul class="part-list" aria-label={words.views.label}>
          {(["picture", "list"] as const).map((view) => (
            <li key={view}>
              <a
                class="button"
                href={hashOfAsked({ ...asked, view })}
                {...(view === asked.view && { "aria-current": "true" })}
              >
                {words.views[view]}
              </a>
            </li>
          ))}
          <li>
            <a class="button quiet" href="#wall/stock">
              {text.value.menu.wall}
            </a>
          </li>
          {isFiltered(asked) && (
            <li>
              <a
                class="button quiet"
                href={hashOfAsked({ search: "", state: "", place: "", view: asked.view })}
              >
                {words.clear}
              </a>
            </li>
          )}
        </ul>
      </form>
    </search>
  );
}

function isWord<Word extends string>(
  name: string,
  words: Readonly<Record<Word, string>>,
): name is Word {
  return Object.hasOwn(words, name);
}
