import { useState } from "preact/hooks";
import { panelStockText } from "../../../../config/language/panel-stock.ts";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { Racks } from "./racks.tsx";
import { StockFilter } from "./stock-filter.tsx";
import {
  askedOf,
  isFiltered,
  listLinesMax,
  pictureLinesMax,
  type StockAsked,
  stockPageOf,
  stockPath,
} from "./stock-query.ts";
import { StockRows } from "./stock-rows.tsx";
import { useLive } from "./use-live.ts";

/** What there is: as racks, or as a list where that says more. */
export function StockOverview() {
  const { preference, view } = usePanel();
  const words = panelStockText[preference.language.value];
  const asked = askedOf(view.value.part ?? "");
  const { search, ...rest } = asked;
  return (
    <Section id="stock" title={words.title}>
      {/* Anew when something else than the search is chosen: the fields show what the address says. */}
      <StockFilter key={JSON.stringify({ ...rest, cleared: search === "" })} asked={asked} />
      <Found key={JSON.stringify(asked)} asked={asked} />
    </Section>
  );
}

function Found({ asked }: { readonly asked: StockAsked }) {
  const { preference, snapshot, format } = usePanel();
  const words = panelStockText[preference.language.value];
  const [afters, setAfters] = useState<readonly string[]>([]);
  const limit = asked.view === "list" ? listLinesMax : pictureLinesMax;
  const path = stockPath(asked, limit, afters.at(-1));
  const { body, fault } = useFetched(path, stockPageOf, snapshot.value?.alarms);
  const lines = useLive(body?.stock);
  const integer = format.value.integer;
  const first = afters.length * limit + 1;
  const next = body?.next;
  return (
    <>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body !== undefined && lines.length === 0 && <Nothing asked={asked} />}
      {body !== undefined && lines.length > 0 && (
        <p class="hint" role="status">
          {body.total <= limit
            ? words.all(integer(body.total))
            : words.shown(integer(first), integer(first + lines.length - 1), integer(body.total))}
          {asked.view === "picture" && body.total > limit && ` · ${words.tooMany}`}
        </p>
      )}
      {asked.view === "list" ? <StockRows lines={lines} /> : <Racks lines={lines} />}
      <Turn
        onBack={afters.length > 0 ? () => setAfters(afters.slice(0, -1)) : undefined}
        onNext={next === undefined ? undefined : () => setAfters([...afters, next])}
      />
    </>
  );
}

interface TurnProps {
  readonly onBack: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

/** From page to page; never all of 10,000 lines at once. */
function Turn({ onBack, onNext }: TurnProps) {
  const words = panelStockText[usePanel().preference.language.value];
  if (onBack === undefined && onNext === undefined) return null;
  const turn = (to: () => void) => () => {
    to();
    document.getElementById("stock")?.scrollIntoView();
  };
  return (
    <nav class="button-row" aria-label={words.pages}>
      {onBack !== undefined && <Button onPress={turn(onBack)}>{words.previous}</Button>}
      {onNext !== undefined && <Button onPress={turn(onNext)}>{words.next}</Button>}
    </nav>
  );
}

function Nothing({ asked }: { readonly asked: StockAsked }) {
  const words = panelStockText[usePanel().preference.language.value];
  if (asked.state === "warned" && asked.search === "")
    return <p class="empty">{words.noneWarned}</p>;
  return (
    <div class="empty">
      <p>{isFiltered(asked) ? words.noneFound : words.none}</p>
      {!isFiltered(asked) && <p>{words.noneTodo}</p>}
    </div>
  );
}
