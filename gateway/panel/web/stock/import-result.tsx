import {
  type PanelBookingText,
  panelBookingText,
} from "../../../../config/language/panel-booking.ts";
import { toCsv } from "../../../stock/import/to-csv.ts";
import type { ImportResult } from "../../stock-api.ts";
import { Button } from "../components/button.tsx";
import { Shape } from "../components/shape.tsx";
import { saveFile } from "../manage/save-file.ts";
import { usePanel } from "../panel.ts";

/** Bad rows on the page; the file has all that the gateway named. */
const badShownMax = 100;

interface ResultProps {
  readonly file: string;
  readonly result: ImportResult;
  readonly onAnother: () => void;
}

/** What an import did, and row by row why something did not land. */
export function ImportResultView({ file, result, onAnother }: ResultProps) {
  const { preference, format } = usePanel();
  const words = panelBookingText[preference.language.value].import;
  const { rows, landed, repeated, bad, badMore } = result;
  const number = format.value.integer;
  const [tone, shape, said] = verdictOf(result, words);
  const figures = [
    [words.rows, rows],
    [words.landed, landed],
    [words.repeated, repeated],
    [words.bad, bad.length + badMore],
  ] as const;
  return (
    <div class="card stack">
      <h3>
        {words.result}: {file}
      </h3>
      <output class={`booked tone-${tone}`}>
        <Shape name={shape} />
        <strong>{said}</strong>
      </output>
      <dl class="numbers">
        {figures.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{number(count)}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">
        {words.encoding} {result.encoding}, {delimiterOf(result.delimiter, words)}
      </p>
      {bad.length > 0 && <BadRows result={result} />}
      <Button onPress={onAnother}>{words.another}</Button>
    </div>
  );
}

type Words = PanelBookingText["import"];

function verdictOf({ landed, repeated, bad, badMore }: ImportResult, words: Words) {
  const badCount = bad.length + badMore;
  if (landed === 0 && badCount === 0 && repeated > 0) {
    return ["good", "check", words.unchanged] as const;
  }
  if (landed === 0) return ["critical", "cross", words.none] as const;
  if (badCount === 0) return ["good", "check", words.all] as const;
  return ["medium", "diamond", words.some] as const;
}

function delimiterOf(delimiter: string, { delimiters }: Words): string {
  const names: Readonly<Record<string, string>> = delimiters;
  return names[delimiter] ?? delimiter;
}

function BadRows({ result }: { readonly result: ImportResult }) {
  const { preference, format, now } = usePanel();
  const words = panelBookingText[preference.language.value].import;
  const { bad, badMore } = result;
  const number = format.value.integer;
  const columns = [words.line, words.column, words.reason, words.text] as const;
  const save = () => {
    const day = new Date(now.peek()).toISOString().slice(0, 10);
    const rows = bad.map(({ line, column, reason, text }) => [line, column, reason, text]);
    saveFile(`bad-rows-${day}.csv`, "text/csv", toCsv([...columns], rows));
  };
  return (
    <>
      <ol class="row-list bad-rows">
        {bad.slice(0, badShownMax).map(({ line, column, reason, text }, index) => (
          <li key={`${line}/${column ?? ""}/${index}`} class="row">
            <div class="row-main">
              <p class="row-title">
                {words.line} {line}
                {" · "}
                {column ?? words.wholeRow}
              </p>
              <p class="row-detail">
                {reason}
                {text !== "" && (
                  <>
                    {" · "}
                    <code>{text}</code>
                  </>
                )}
              </p>
            </div>
          </li>
        ))}
      </ol>
      {bad.length + badMore > badShownMax && (
        <p class="hint">{words.shown(number(badShownMax), number(bad.length + badMore))}</p>
      )}
      <Button onPress={save}>{words.saveBad}</Button>
    </>
  );
}
