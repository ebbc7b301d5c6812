import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import { nextDecisions } from "../../../cold-chain/decisions.ts";
import type { ExcursionView } from "../../response-api.ts";
import { Choice } from "../components/choice.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field, Form } from "../components/form.tsx";
import { usePanel } from "../panel.ts";
import { decidedOf } from "./excursion-list.ts";

/** As the gateway's schema has them. */
const meaningCharsMin = 3;
const meaningCharsMax = 200;
const commentCharsMax = 500;

interface DisposeProps {
  readonly excursion: ExcursionView;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** An electronic signature: what is decided, by whom (who is logged in), and what that means. */
export function DisposeDialog({ excursion, onClose, onDone }: DisposeProps) {
  const panel = usePanel();
  const { text, session, preference } = panel;
  const words = panelAlarmsText[preference.language.value].excursions;
  const next = nextDecisions(decidedOf(excursion), excursion.state);
  const [only] = next;
  const send = async (fields: Readonly<Record<string, string>>) => {
    const comment = (fields["comment"] ?? "").trim();
    const answer = await panel.act(
      `/api/excursions/${encodeURIComponent(excursion.id)}/disposition`,
      {
        to: fields["to"],
        meaning: (fields["meaning"] ?? "").trim(),
        ...(comment !== "" && { comment }),
      },
    );
    if (!answer.ok && answer.status === 401) panel.whenLoggedIn(() => undefined);
    return answer;
  };
  return (
    <Dialog title={words.decide} closeLabel={text.value.button.close} onClose={onClose}>
      <p class="hint">{words.signAs(session.value.user ?? "")}</p>
      {excursion.state === "open" && <p class="hint">{words.notOver}</p>}
      <Form
        submit={words.sign}
        cancel={text.value.button.cancel}
        onCancel={onClose}
        send={send}
        onDone={onDone}
      >
        <Choice
          id="to"
          label={words.decision}
          options={next.map((to) => [to, words.decisions[to]] as const)}
          {...(next.length === 1 && only !== undefined && { chosen: only })}
        />
        <Field
          id="meaning"
          label={words.meaning}
          hint={words.meaningHint}
          lengthMin={meaningCharsMin}
          lengthMax={meaningCharsMax}
        />
        <Field
          id="comment"
          kind="long"
          label={text.value.alarms.comment}
          required={false}
          lengthMax={commentCharsMax}
        />
      </Form>
    </Dialog>
  );
}
