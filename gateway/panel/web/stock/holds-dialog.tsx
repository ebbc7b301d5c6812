import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { LotView } from "../../stock-api.ts";
import { Choice } from "../components/choice.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field, Form } from "../components/form.tsx";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";

/** As the gateway's schema has them. */
const commentCharsMin = 3;
const commentCharsMax = 500;

export interface HoldDialogProps {
  readonly location: string;
  readonly item: string;
  readonly lot: LotView;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Puts a lot aside, or decides about one that is: signed by who is logged in, with the reason. */
export function HoldDialog({ location, item, lot, onClose, onDone }: HoldDialogProps) {
  const panel = usePanel();
  const { text, session, preference, snapshot } = panel;
  const words = panelBookingText[preference.language.value].holds;
  const isHeld = lot.hold !== undefined;
  const name = lot.lot ?? words.noLot;
  const send = async ({ comment = "", to }: Readonly<Record<string, string>>) => {
    const place = { location, item, ...(lot.lot !== undefined && { lot: lot.lot }) };
    const said = { ...place, comment: comment.trim() };
    const answer = isHeld
      ? await panel.act("/api/stock/releases", { ...said, to })
      : await panel.act("/api/stock/holds", said);
    if (!answer.ok && answer.status === 401) panel.whenLoggedIn(() => undefined);
    return answer;
  };
  return (
    <Dialog
      title={isHeld ? words.decideTitle(name) : words.holdTitle(name)}
      closeLabel={text.value.button.close}
      onClose={onClose}
    >
      <p class="count-place">
        {item} · {placeText(snapshot.value?.gateway.locations ?? [], location)}
      </p>
      <p class="hint">{isHeld ? words.signAs(session.value.user ?? "") : words.holdWhy}</p>
      <Form
        submit={isHeld ? words.sign : words.hold}
        cancel={text.value.button.cancel}
        onCancel={onClose}
        send={send}
        onDone={() => {
          onDone();
          onClose();
        }}
      >
        {isHeld && (
          <>
            <Choice
              id="to"
              label={words.decision}
              options={[
                ["released", words.decisions.released],
                ["rejected", words.decisions.rejected],
              ]}
            />
            <p class="hint">{words.rejectedWhy}</p>
          </>
        )}
        <Field
          id="comment"
          kind="long"
          label={words.comment}
          hint={words.commentHint}
          lengthMin={commentCharsMin}
          lengthMax={commentCharsMax}
        />
      </Form>
    </Dialog>
  );
}
