import { type PanelAlarmsText, panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import type { AlarmView } from "../../api.ts";
import { Choice } from "../components/choice.tsx";
import { Field, Form } from "../components/form.tsx";
import { usePanel } from "../panel.ts";
import type { Answer } from "../request.ts";
import type { Act } from "./acts.ts";

/** As the gateway's schema has them. */
const reasonCharsMin = 3;
const reasonCharsMax = 500;

const minuteMs = 60_000;

type Fields = Readonly<Record<string, string>>;

/** What the gateway is told. */
function bodyOf(act: Act, fields: Fields, now: number): unknown {
  const reason = (fields["reason"] ?? "").trim();
  const minutes = Number(fields["minutes"]);
  switch (act) {
    case "shelve":
      return fields["minutes"] === "one-shot" ? { reason, oneShot: true } : { reason, minutes };
    case "out-of-service":
      return minutes > 0 ? { reason, until: Math.round(now + minutes * minuteMs) } : { reason };
    case "suppress":
      return { reason };
    case "acknowledge":
    case "reset":
      return reason === "" ? {} : { comment: reason };
    default:
      return {};
  }
}

interface ActFormProps {
  readonly alarm: AlarmView;
  readonly act: Act;
  readonly onCancel: () => void;
  readonly onDone: () => void;
}

/** Asks for what an act needs and sends it. A session that has ended meanwhile is asked for again. */
export function ActForm({ alarm, act, onCancel, onDone }: ActFormProps) {
  const panel = usePanel();
  const words = panelAlarmsText[panel.preference.language.value].acts;
  const send = async (fields: Fields): Promise<Answer> => {
    const path = `/api/alarms/${encodeURIComponent(alarm.id)}/${act}`;
    const answer = await panel.act(path, bodyOf(act, fields, panel.now.peek()));
    if (!answer.ok && answer.status === 401) {
      panel.whenLoggedIn(() => {
        panel.question.value = { ask: "alarm", alarm: alarm.id };
      });
    }
    return answer;
  };
  return (
    <section class="act-form" aria-labelledby="act-title">
      <h3 id="act-title">{words.title[act]}</h3>
      <p class="hint">{words.why[act]}</p>
      <Form
        submit={words.name[act]}
        cancel={words.back}
        onCancel={onCancel}
        send={send}
        onDone={onDone}
      >
        <ActFields act={act} words={words} />
      </Form>
    </section>
  );
}

function ActFields({ act, words }: { readonly act: Act; readonly words: PanelAlarmsText["acts"] }) {
  const needsReason = act === "shelve" || act === "suppress" || act === "out-of-service";
  return (
    <>
      {act === "shelve" && (
        <Choice
          id="minutes"
          label={words.shelveFor}
          options={[
            ["15", words.minutes(15)],
            ["60", words.hours(1)],
            ["480", words.hours(8)],
            ["one-shot", words.oneShot],
          ]}
        />
      )}
      {act === "out-of-service" && (
        <Choice
          id="minutes"
          label={words.expected}
          chosen="0"
          options={[
            ["60", words.hours(1)],
            ["240", words.hours(4)],
            ["1440", words.days(1)],
            ["10080", words.days(7)],
            ["0", words.unknown],
          ]}
        />
      )}
      {needsReason && (
        <Field
          id="reason"
          kind="long"
          label={words.reason}
          hint={words.reasonHint}
          lengthMin={reasonCharsMin}
          lengthMax={reasonCharsMax}
        />
      )}
      {act === "reset" && (
        <Field
          id="reason"
          kind="long"
          label={words.comment}
          required={false}
          lengthMax={reasonCharsMax}
        />
      )}
    </>
  );
}
