import { useMemo, useState } from "preact/hooks";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { Tag } from "../components/tag.tsx";
import { ForPerson } from "../manage/for-person.tsx";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { useFetched } from "../use-fetched.ts";
import { stockPageOf } from "./book-answers.ts";
import { Select } from "./book-select.tsx";
import { CountDialog } from "./count-dialog.tsx";
import { type Comparison, type CountLine, countLines } from "./count-plan.ts";

/** Lines of one walk: more than a rack has. Beyond: the shelf is to be chosen. */
const linesMax = 200;

type Results = ReadonlyMap<string, Comparison>;

/** A walk along the rack: everything of one location, one after the other, without what should be there. */
export function CountPage() {
  const { preference, snapshot } = usePanel();
  const words = panelBookingText[preference.language.value].count;
  const places = snapshot.value?.gateway.locations ?? [];
  const [location, setLocation] = useState("");
  return (
    <Section id="count" title={words.title}>
      <p class="hint">{words.about}</p>
      <ForPerson permission="stock">
        <div class="stack">
          <Select
            id="count-location"
            label={words.choose}
            value={location}
            options={[
              ["", panelBookingText[preference.language.value].book.choose],
              ...places.map(({ id }) => [id, placeText(places, id) ?? id] as const),
            ]}
            onValue={setLocation}
          />
          {location !== "" && <Walk key={location} location={location} />}
        </div>
      </ForPerson>
    </Section>
  );
}

function Walk({ location }: { readonly location: string }) {
  const { preference, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  const query = new URLSearchParams({ within: location, limit: String(linesMax) });
  const { body, fault } = useFetched(`/api/stock?${query}`, stockPageOf);
  const [results, setResults] = useState<Results>(() => new Map());
  const [asked, setAsked] = useState<CountLine | undefined>(undefined);
  const lines = useMemo(() => countLines(body?.stock ?? []), [body]);
  const waiting = lines.filter(({ key }) => !results.has(key));
  const number = format.value.integer;
  if (body === undefined) {
    return fault === undefined ? (
      <p class="loading">{words.loading}…</p>
    ) : (
      <FaultBox fault={fault} />
    );
  }
  if (lines.length === 0) return <p class="empty">{words.count.none}</p>;
  const next = waiting[0];
  return (
    <>
      <output class="count-progress">
        {next === undefined
          ? words.count.finished
          : words.count.progress(number(lines.length - waiting.length), number(lines.length))}
      </output>
      {next !== undefined && results.size > 0 && (
        <Button kind="primary" onPress={() => setAsked(next)}>
          {`${words.count.next}${words.colon}${next.name}`}
        </Button>
      )}
      {body.total > body.stock.length && (
        <p class="hint">{words.count.many(number(body.stock.length), number(body.total))}</p>
      )}
      <ul class="row-list">
        {lines.map((line) => (
          <Row key={line.key} line={line} result={results.get(line.key)} onCount={setAsked} />
        ))}
      </ul>
      {asked !== undefined && (
        <CountDialog
          key={asked.key}
          location={asked.location}
          item={asked.item}
          {...(asked.lot !== undefined && { lot: asked.lot })}
          onClose={() => setAsked(undefined)}
          onDone={(result) => setResults((known) => new Map(known).set(asked.key, result))}
        />
      )}
    </>
  );
}

interface RowProps {
  readonly line: CountLine;
  readonly result: Comparison | undefined;
  readonly onCount: (line: CountLine) => void;
}

function Row({ line, result, onCount }: RowProps) {
  const { preference, snapshot, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  const where = placeText(snapshot.value?.gateway.locations ?? [], line.location);
  const unit = words.units[line.unit];
  const said = (quantity: number) => `${format.value.number(quantity)}\u00a0${unit}`;
  const what = line.lot === undefined ? line.name : `${line.name}, ${words.lotNamed(line.lot)}`;
  return (
    <li class="row count-row">
      <div class="row-main">
        <p class="row-title">{what}</p>
        <p class="row-detail">{where}</p>
        {result !== undefined && (
          <p class="row-detail">
            <Tag
              tone={result.difference === 0 ? "good" : "medium"}
              shape={result.difference === 0 ? "check" : "diamond"}
            >
              {result.difference === 0
                ? words.count.equal
                : `${words.count.expected} ${said(result.expected)} → ${said(result.counted)}`}
            </Tag>
          </p>
        )}
      </div>
      <Button
        label={
          result === undefined ? words.count.buttonNamed(what) : words.count.recountNamed(what)
        }
        onPress={() => onCount(line)}
      >
        {result === undefined ? words.count.button : words.count.recount}
      </Button>
    </li>
  );
}
