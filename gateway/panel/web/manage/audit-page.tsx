import { useEffect, useState } from "preact/hooks";
import { panelManageText } from "../../../../config/language/panel-manage.ts";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { auditCsv } from "./audit-csv.ts";
import { AuditFilter } from "./audit-filter.tsx";
import { AuditList } from "./audit-list.tsx";
import { type AuditFound, type AuditQuestion, findEntries } from "./audit-search.ts";
import { ForPerson } from "./for-person.tsx";
import { saveFile } from "./save-file.ts";

/** Entries that one page shows. */
const entriesPerPage = 50;

/** Entries in one file: about 10 MB, which a phone can still make. Beyond: the command line writes all of them. */
const csvEntriesMax = 20_000;

const everything: AuditQuestion = { actor: "", action: "" };

/** Who did what and when. */
export function AuditPage() {
  const words = panelManageText[usePanel().preference.language.value].audit;
  return (
    <Section id="audit" title={words.title}>
      <p class="hint">{words.about}</p>
      <p class="hint">
        {words.verify} <code>rackwatch audit verify</code>
      </p>
      <ForPerson>
        <Trail />
      </ForPerson>
    </Section>
  );
}

function Trail() {
  const { preference, get } = usePanel();
  const words = panelManageText[preference.language.value];
  const [question, setQuestion] = useState(everything);
  const [found, setFound] = useState<AuditFound | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const more = async (known: AuditFound | undefined) => {
    setBusy(true);
    const page = await findEntries(get, question, entriesPerPage, known?.next);
    setBusy(false);
    return { ...page, entries: [...(known?.entries ?? []), ...page.entries] };
  };
  useEffect(() => {
    let gone = false;
    setFound(undefined);
    void more(undefined).then((first) => {
      if (!gone) setFound(first);
    });
    return () => {
      gone = true;
    };
  }, [question]);
  return (
    <div class="stack">
      <AuditFilter onSearch={setQuestion} />
      <FaultBox fault={found?.fault} />
      {found === undefined ? (
        <p class="loading">{words.loading}…</p>
      ) : (
        <>
          <AuditList entries={found.entries} />
          {found.next === undefined ? (
            <p class="hint">{found.entries.length === 0 ? words.audit.none : words.audit.end}</p>
          ) : (
            <div class="audit-more">
              {found.entries.length === 0 && <p>{words.audit.noneYet(String(found.next))}</p>}
              <Button busy={busy} onPress={() => void more(found).then(setFound)}>
                {words.audit.more}
              </Button>
            </div>
          )}
          <CsvButton question={question} />
        </>
      )}
    </div>
  );
}

function CsvButton({ question }: { readonly question: AuditQuestion }) {
  const { preference, get, format, fault, now } = usePanel();
  const words = panelManageText[preference.language.value].audit;
  const [busy, setBusy] = useState(false);
  const [cut, setCut] = useState(false);
  const save = async () => {
    setBusy(true);
    const found = await findEntries(get, question, csvEntriesMax);
    setBusy(false);
    fault.value = found.fault;
    if (found.fault !== undefined) return;
    setCut(found.next !== undefined);
    const day = new Date(now.peek()).toISOString().slice(0, 10);
    saveFile(`audit-${day}.csv`, "text/csv", auditCsv(found.entries, words.columns));
  };
  return (
    <div>
      <Button busy={busy} onPress={() => void save()}>
        {busy ? `${words.csvBusy}…` : words.csv}
      </Button>
      <output class="hint">{cut && words.csvCut(format.value.integer(csvEntriesMax))}</output>
    </div>
  );
}
