import { useRef, useState } from "preact/hooks";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { Permission } from "../../duties.ts";
import { importBytesMax } from "../../limits.ts";
import type { ImportKind, ImportResult } from "../../stock-api.ts";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { ForPerson } from "../manage/for-person.tsx";
import { saveFile } from "../manage/save-file.ts";
import { usePanel } from "../panel.ts";
import type { Fault } from "../request.ts";
import { useFetched } from "../use-fetched.ts";
import { WhoMay } from "../who-may.tsx";
import { importResultOf, stockPageOf } from "./book-answers.ts";
import { ImportResultView } from "./import-result.tsx";
import { sampleCsv, sampleGoods } from "./import-samples.ts";
import { sendImport } from "./import-send.ts";

/** As the gateway's routes have it: single bookings are an operator's, everything else is planning. */
const permissionOf: Readonly<Record<ImportKind, Permission>> = {
  movements: "stock",
  counts: "stock",
  items: "planning",
  orders: "planning",
  tags: "planning",
};
const kinds = ["movements", "counts", "items", "orders", "tags"] as const;

/** Stock in and out as files. */
export function ImportPage() {
  const words = panelBookingText[usePanel().preference.language.value].import;
  return (
    <>
      <Section id="import" title={words.title}>
        <p class="hint">{words.about}</p>
        <ForPerson>
          <Import />
        </ForPerson>
      </Section>
      <Section id="export" title={words.exportTitle}>
        <p class="hint">{words.exportAbout}</p>
        <div class="button-row">
          <a class="button" href="/api/stock/export/stock.csv" download>
            {words.exportStock}
          </a>
          <a class="button" href="/api/stock/export/movements.csv" download>
            {words.exportMovements}
          </a>
          <a class="button" href="/api/stock/epcis?limit=1000" download="epcis.jsonld">
            {words.epcis}
          </a>
        </div>
      </Section>
    </>
  );
}

interface Done {
  readonly file: string;
  readonly result: ImportResult;
}

function Import() {
  const panel = usePanel();
  const words = panelBookingText[panel.preference.language.value].import;
  const [kind, setKind] = useState<ImportKind>("movements");
  const [sent, setSent] = useState<number | undefined>(undefined);
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const [done, setDone] = useState<Done | undefined>(undefined);
  const picked = useRef<HTMLInputElement>(null);
  const mebibytes = panel.format.value.integer(importBytesMax / 1_048_576);
  const run = async () => {
    const file = picked.current?.files?.[0];
    if (file === undefined) {
      return setFault({ code: "no-file", message: words.noFile, todo: words.noFileTodo });
    }
    if (file.size > importBytesMax) {
      const { tooLarge, tooLargeTodo: todo } = words;
      return setFault({ code: "too-large", message: tooLarge(mebibytes), todo });
    }
    setFault(undefined);
    setSent(0);
    const text = panel.text.peek().fault;
    const answer = await sendImport({ kind, file, text, onProgress: setSent });
    setSent(undefined);
    if (!answer.ok) {
      setFault(answer.fault);
      if (answer.status === 401) void panel.refreshSession();
      return;
    }
    const result = importResultOf(answer.body);
    if (result !== undefined) setDone({ file: file.name, result });
  };
  if (done !== undefined) {
    return <ImportResultView {...done} onAnother={() => setDone(undefined)} />;
  }
  const may = panel.may(permissionOf[kind]) !== false;
  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (sent === undefined && may) void run();
      }}
    >
      <fieldset class="field choice">
        <legend>{words.what}</legend>
        {kinds.map((it) => (
          <label key={it} class="choice-option">
            <input
              type="radio"
              name="kind"
              value={it}
              checked={it === kind}
              onChange={() => setKind(it)}
            />
            <span>{words.kinds[it]}</span>
          </label>
        ))}
      </fieldset>
      <p class="hint">{words.whatFor[kind]}</p>
      <SampleButton kind={kind} />
      <div class="field">
        <label for="file">{words.file}</label>
        <input ref={picked} id="file" type="file" accept=".csv,.txt,text/csv" />
      </div>
      <FaultBox fault={fault} />
      {sent !== undefined && <Progress part={sent} />}
      {may ? (
        <button type="submit" class="button primary" aria-disabled={sent !== undefined}>
          {words.start}
        </button>
      ) : (
        <WhoMay permission={permissionOf[kind]} />
      )}
    </form>
  );
}

function Progress({ part }: { readonly part: number }) {
  const { preference, format } = usePanel();
  const words = panelBookingText[preference.language.value].import;
  const percent = Math.floor(part * 100);
  const text = part < 1 ? words.sending(format.value.integer(percent)) : `${words.reading}…`;
  return (
    <div class="progress">
      <output>{text}</output>
      {/* Without a value it moves: how long the gateway reads is not known. */}
      <progress aria-label={text} max={1} {...(part < 1 && { value: part })} />
    </div>
  );
}

/** With an item and a location that are known here, so that it could be imported as it is. */
function SampleButton({ kind }: { readonly kind: ImportKind }) {
  const { preference, now } = usePanel();
  const words = panelBookingText[preference.language.value].import;
  const { body } = useFetched("/api/stock?limit=1", stockPageOf);
  const save = () => {
    const today = new Date(now.peek()).toISOString().slice(0, 10);
    saveFile(`${kind}.csv`, "text/csv", sampleCsv(kind, sampleGoods(body?.stock[0]), today));
  };
  return (
    <Button label={words.sampleNamed(words.kinds[kind])} onPress={save}>
      {words.sample}
    </Button>
  );
}
