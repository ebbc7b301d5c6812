import { useState } from "preact/hooks";
import type { AlarmView } from "../api.ts";
import { Dialog } from "./components/dialog.tsx";
import { Field, Form } from "./components/form.tsx";
import { Tag } from "./components/tag.tsx";
import { usePanel } from "./panel.ts";
import { priorityShapes } from "./severity.ts";

/** As the gateway's schema has it. */
const commentCharsMax = 500;

export function Acknowledge({ alarm }: { readonly alarm: AlarmView }) {
  const panel = usePanel();
  const { text, question } = panel;
  const words = text.value.alarms;
  // Some rules want one; the gateway says so when it is missing.
  const [needed, setNeeded] = useState(false);
  const close = () => {
    question.value = undefined;
  };
  const send = async ({ comment = "" }: Readonly<Record<string, string>>) => {
    const said = comment.trim();
    const path = `/api/alarms/${encodeURIComponent(alarm.id)}/acknowledge`;
    const answer = await panel.act(path, said === "" ? {} : { comment: said });
    if (!answer.ok && answer.fault.code === "alarm/reason-required") setNeeded(true);
    if (!answer.ok && answer.status === 401) {
      panel.whenLoggedIn(() => {
        question.value = { ask: "acknowledge", alarm: alarm.id };
      });
    }
    return answer;
  };
  return (
    <Dialog title={words.acknowledgeTitle} closeLabel={text.value.button.close} onClose={close}>
      <div class="asked-alarm">
        <Tag tone={alarm.priority} shape={priorityShapes[alarm.priority]}>
          {words.priority[alarm.priority]}
        </Tag>
        <p class="row-title">{alarm.message}</p>
      </div>
      <p class="hint">{words.acknowledgeWhy}</p>
      <Form
        submit={words.acknowledge}
        cancel={text.value.button.cancel}
        onCancel={close}
        send={send}
        onDone={close}
      >
        <Field
          id="comment"
          kind="long"
          label={needed ? words.commentNeeded : words.comment}
          hint={words.commentHint}
          required={needed}
          lengthMax={commentCharsMax}
        />
      </Form>
    </Dialog>
  );
}
