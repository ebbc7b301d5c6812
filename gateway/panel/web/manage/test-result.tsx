import { type PanelManageText, panelManageText } from "../../../../config/language/panel-manage.ts";
import type { ReceiverView } from "../../response-api.ts";
import { Ago } from "../ago.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";

type TestView = NonNullable<ReceiverView["test"]>;

/** A result that is not known yet. */
const waiting = "waiting";

/** Whether somebody may still be waiting for a result. */
export function waits(test: TestView | undefined, now: number, forMs: number): boolean {
  return (
    test !== undefined && now - test.at < forMs && Object.values(test.results).includes(waiting)
  );
}

interface TestResultProps {
  readonly test: TestView | undefined;
  /** It was not tested for too long. */
  readonly due: boolean;
}

/** When it was tested last, by whom, and what became of it on each way. */
export function TestResult({ test, due }: TestResultProps) {
  const words = panelManageText[usePanel().preference.language.value];
  return (
    <div class="test-result">
      <p class="row-detail">
        {test === undefined ? (
          words.receivers.never
        ) : (
          <>
            {words.receivers.tested} <Ago at={test.at} />, {words.receivers.testedBy(test.by)}
          </>
        )}{" "}
        {due && (
          <Tag tone="uncertain" shape="clock">
            {words.receivers.due}
          </Tag>
        )}
      </p>
      {test !== undefined && (
        <ul class="test-list">
          {Object.entries(test.results).map(([where, result]) => (
            <li key={where}>
              <Outcome place={placeOf(where, words)} result={result} words={words} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface OutcomeProps {
  readonly place: string | undefined;
  readonly result: string;
  readonly words: PanelManageText;
}

function Outcome({ place, result, words }: OutcomeProps) {
  const known: Readonly<Record<string, string>> = words.receivers.results;
  const failures: Readonly<Record<string, string>> = words.receivers.failures;
  const said = known[result] ?? failures[result] ?? result;
  const lead = place === undefined ? "" : `${place}: `;
  if (result === waiting) {
    return (
      <Tag tone="neutral" shape="clock">
        {lead}
        {said}
      </Tag>
    );
  }
  const fine = result in known;
  return (
    <Tag tone={fine ? "good" : "bad"} shape={fine ? "check" : "cross"}>
      {lead}
      {said}
    </Tag>
  );
}

/** `sms/0` is the first number; an output's own result needs no place. */
function placeOf(where: string, words: PanelManageText): string | undefined {
  if (where.startsWith("output/")) return undefined;
  const [channel = "", index = "0"] = where.split("/");
  const names: Readonly<Record<string, string>> = words.channels;
  return `${names[channel] ?? channel} ${Number(index) + 1}`;
}
