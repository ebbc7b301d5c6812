import { useEffect, useState } from "preact/hooks";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { movementsCsv } from "../../../stock/import/to-csv.ts";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { saveFile } from "../manage/save-file.ts";
import { usePanel } from "../panel.ts";
import { LedgerEntry } from "./ledger-entry.tsx";
import { LedgerFilter } from "./ledger-filter.tsx";
import {
  findMovements,
  type LedgerFound,
  type LedgerQuestion,
  ledgerQuery,
} from "./ledger-search.ts";

/** Movements that one page shows. */
const movementsPerPage = 50;

/** Movements in one file: some megabytes, which a phone can still make. Beyond: the export has all of them. */
const csvMovementsMax = 20_000;

const everything: LedgerQuestion = { location: "", item: "", lot: "", kind: "" };

/** What stock is the sum of, newest first, each with what it is believed by. */
export function LedgerPage() {
  const { preference, get } = usePanel();
  const words = panelBookingText[preference.language.value];
  const [question, setQuestion] = useState(everything);
  const [found, setFound] = useState<LedgerFound | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let gone = false;
    setFound(undefined);
    void findMovements(get, question, movementsPerPage).then((first) => {
      if (!gone) setFound(first);
    });
    return () => {
      gone = true;
    };
  }, [get, question]);
  const more = async (known: LedgerFound) => {
    setBusy(true);
    const page = await findMovements(get, question, movementsPerPage, known.next);
    setBusy(false);
    setFound((now) =>
      now === known ? { ...page, movements: [...known.movements, ...page.movements] } : now,
    );
  };
  return (
    <Section id="movements" title={words.ledger.title}>
      <p class="hint">{words.ledger.about}</p>
      <div class="stack">
        <LedgerFilter onSearch={setQuestion} />
        <FaultBox fault={found?.fault} />
        {found === undefined ? (
          <p class="loading">{words.loading}…</p>
        ) : (
          <>
            <ol class="row-list audit-list">
              {found.movements.map((movement) => (
                <LedgerEntry key={movement.seq} movement={movement} />
              ))}
            </ol>
            {found.next !== undefined ? (
              <Button busy={busy} onPress={() => void more(found)}>
                {words.ledger.more}
              </Button>
            ) : (
              <p class="hint">
                {found.movements.length === 0 ? words.ledger.none : words.ledger.end}
              </p>
            )}
            <LedgerFiles question={question} />
          </>
        )}
      </div>
    </Section>
  );
}

/** What was asked for, to take along. */
function LedgerFiles({ question }: { readonly question: LedgerQuestion }) {
  const { preference, get, fault, now, format } = usePanel();
  const words = panelBookingText[preference.language.value].ledger;
  const [busy, setBusy] = useState(false);
  const [cut, setCut] = useState(false);
  const save = async () => {
    setBusy(true);
    const found = await findMovements(get, question, csvMovementsMax);
    setBusy(false);
    fault.value = found.fault;
    if (found.fault !== undefined) return;
    setCut(found.next !== undefined);
    const day = new Date(now.peek()).toISOString().slice(0, 10);
    saveFile(`movements-${day}.csv`, "text/csv", movementsCsv(found.movements));
  };
  return (
    <div>
      <div class="button-row">
        <Button busy={busy} onPress={() => void save()}>
          {words.csv}
        </Button>
        <a
          class="button"
          href={`/api/stock/epcis?${ledgerQuery(question)}`}
          download="epcis.jsonld"
        >
          {words.epcis}
        </a>
      </div>
      <output class="hint">{cut && words.csvCut(format.value.integer(csvMovementsMax))}</output>
    </div>
  );
}
