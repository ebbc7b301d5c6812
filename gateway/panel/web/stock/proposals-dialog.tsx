import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { ProposalView } from "../../stock-api.ts";
import { Dialog } from "../components/dialog.tsx";
import { Field, Form } from "../components/form.tsx";
import { usePanel } from "../panel.ts";

/** As the gateway's schema has it. */
const commentCharsMax = 500;

export interface ProposalDialogProps {
  readonly proposal: ProposalView;
  readonly approve: boolean;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function ProposalDialog({ proposal, approve, onClose, onDone }: ProposalDialogProps) {
  const panel = usePanel();
  const { text, preference, format } = panel;
  const words = panelBookingText[preference.language.value].proposals;
  const send = async ({ comment = "" }: Readonly<Record<string, string>>) => {
    const said = comment.trim();
    const answer = await panel.act(`/api/stock/proposals/${encodeURIComponent(proposal.id)}`, {
      approve,
      ...(said !== "" && { comment: said }),
    });
    if (!answer.ok && answer.status === 401) panel.whenLoggedIn(() => undefined);
    return answer;
  };
  const to = format.value.number(proposal.to);
  const from = proposal.from === undefined ? undefined : format.value.number(proposal.from);
  return (
    <Dialog
      title={approve ? words.approveTitle(to) : words.rejectTitle(to)}
      closeLabel={text.value.button.close}
      onClose={onClose}
    >
      <p>{from === undefined ? words.first(to) : words.fromTo(from, to)}</p>
      <Form
        submit={approve ? words.approve : words.reject}
        cancel={text.value.button.cancel}
        onCancel={onClose}
        send={send}
        onDone={() => {
          onDone();
          onClose();
        }}
      >
        <Field
          id="comment"
          kind="long"
          label={words.comment}
          required={false}
          lengthMax={commentCharsMax}
        />
      </Form>
    </Dialog>
  );
}
