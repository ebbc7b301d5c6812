import { panelConfigurationText } from "../../../../config/language/panel-configuration.ts";
import { Dialog } from "../components/dialog.tsx";
import { Field, Form } from "../components/form.tsx";
import { usePanel } from "../panel.ts";
import { passwordCharsMax } from "./person-limits.ts";

interface RestoreDialogProps {
  readonly serial: number;
  /** The newest that stood on the list. */
  readonly seen: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Asks for the password once more: a session that was left open must not change what the gateway does. */
export function RestoreDialog({ serial, seen, onClose, onDone }: RestoreDialogProps) {
  const { preference, text, act } = usePanel();
  const words = panelConfigurationText[preference.language.value];
  return (
    <Dialog
      title={words.goBackTitle(serial)}
      closeLabel={text.value.button.close}
      onClose={onClose}
    >
      <p class="hint">{words.goBackAbout}</p>
      <Form
        submit={words.goBack}
        cancel={text.value.button.cancel}
        onCancel={onClose}
        send={({ password = "" }) =>
          act(`/api/configurations/${serial}/restore`, { password, seen })
        }
        onDone={onDone}
      >
        <Field
          id="password"
          kind="password"
          label={words.password}
          autocomplete="current-password"
          lengthMax={passwordCharsMax}
        />
      </Form>
    </Dialog>
  );
}
