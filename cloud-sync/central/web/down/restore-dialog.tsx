import { centralDownText } from "../../../../config/language/central-down.ts";
import { Dialog } from "../../../../gateway/panel/web/components/dialog.tsx";
import { Field, Form } from "../../../../gateway/panel/web/components/form.tsx";
import { useCentral } from "../central.ts";
import { NeedsToken } from "./needs-token.tsx";
import { revisionCommentCharsMax } from "./section-editor.tsx";

interface RestoreDialogProps {
  /** Of the gateway or the group. */
  readonly path: string;
  /** What the page shows as running or given: whoever comes second must have seen it. */
  readonly base: string | undefined;
  readonly revision: number;
  readonly why: string;
  readonly onCancel: () => void;
  readonly onDone: (body: unknown) => void;
}

/** Puts an earlier revision back, with a comment. */
export function RestoreDialog(props: RestoreDialogProps) {
  const { preference, shared, decide, format } = useCentral();
  const { edit, revisions: words } = centralDownText[preference.language.value];
  const { path, base, revision, why, onCancel, onDone } = props;
  return (
    <Dialog
      title={words.restoreTitle(format.value.integer(revision))}
      closeLabel={shared.value.button.close}
      onClose={onCancel}
    >
      <p class="hint">{why}</p>
      <Form
        submit={words.restore}
        cancel={shared.value.button.cancel}
        onCancel={onCancel}
        send={({ "restore-comment": comment = "" }) =>
          decide(`${path}/revisions/${revision}/restore`, {
            ...(base === undefined ? {} : { base }),
            ...(comment.trim() === "" ? {} : { comment: comment.trim() }),
          })
        }
        onDone={onDone}
        aside={(fault) => <NeedsToken fault={fault} />}
      >
        <Field
          id="restore-comment"
          label={edit.comment}
          required={false}
          lengthMax={revisionCommentCharsMax}
        />
      </Form>
    </Dialog>
  );
}
