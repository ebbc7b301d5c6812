import "../style/pages.css";
import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import { Dialog } from "../components/dialog.tsx";
import { Field, Form } from "../components/form.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { priorityShapes } from "../severity.ts";
import { severalOf } from "./several.ts";

/** As the gateway's schema has it. */
const commentCharsMax = 500;

/** Several at once, each seen by name and picked; critical ones are not among them. */
export function AcknowledgeSeveral() {
  const panel = usePanel();
  const { text, question, snapshot, preference } = panel;
  const words = panelAlarmsText[preference.language.value].several;
  const alarms = severalOf(snapshot.value?.alarms ?? []);
  const close = () => {
    question.value = undefined;
  };
  const send = (fields: Readonly<Record<string, string>>) => {
    const ids = alarms.map(({ id }) => id).filter((id) => fields[`alarm ${id}`] === "on");
    const comment = (fields["comment"] ?? "").trim();
    return panel.act("/api/alarms/acknowledge", { ids, ...(comment !== "" && { comment }) });
  };
  return (
    <Dialog title={words.title} closeLabel={text.value.button.close} onClose={close}>
      <p class="hint">{words.why}</p>
      <Form
        submit={text.value.alarms.acknowledge}
        cancel={text.value.button.cancel}
        onCancel={close}
        send={send}
        onDone={close}
      >
        <fieldset class="field choice">
          <legend>{words.which}</legend>
          {alarms.map((alarm) => (
            <label key={alarm.id} class="choice-option wide">
              <input type="checkbox" name={`alarm ${alarm.id}`} defaultChecked />
              <span>
                <Tag tone={alarm.priority} shape={priorityShapes[alarm.priority]}>
                  {text.value.alarms.priority[alarm.priority]}
                </Tag>{" "}
                {alarm.message}
              </span>
            </label>
          ))}
        </fieldset>
        <Field
          id="comment"
          kind="long"
          label={text.value.alarms.comment}
          hint={text.value.alarms.commentHint}
          required={false}
          lengthMax={commentCharsMax}
        />
      </Form>
    </Dialog>
  );
}
