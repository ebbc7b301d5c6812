import { centralCommandsText } from "../../../../config/language/central-commands.ts";
import { Field, Form } from "../../../../gateway/panel/web/components/form.tsx";
import type { CommandRecord } from "../../down/commands.ts";
import { useCentral } from "../central.ts";
import { NeedsToken } from "./needs-token.tsx";

/** As central takes them. */
const commentCharsMax = 2_000;
const targetCharsMax = 256;

interface CommandFormProps {
  readonly gateway: string;
  readonly action: CommandRecord["action"];
  /** What it is done to, where that is known. */
  readonly target?: string;
  /** Absent: nobody is asked for one. */
  readonly targetLabel?: string | undefined;
  readonly onCancel: () => void;
  readonly onDone: () => void;
}

/** One command, asked for what it needs. */
export function CommandForm(props: CommandFormProps) {
  const { gateway, action, target, targetLabel, onCancel, onDone } = props;
  const { preference, shared, decide } = useCentral();
  const words = centralCommandsText[preference.language.value];
  const send = (fields: Readonly<Record<string, string>>) => {
    const named = target ?? fields["target"]?.trim() ?? "";
    const comment = fields["command-comment"]?.trim() ?? "";
    return decide(`/v1/gateways/${encodeURIComponent(gateway)}/commands`, {
      action,
      ...(named === "" ? {} : { target: named }),
      ...(comment === "" ? {} : { comment }),
    });
  };
  return (
    <Form
      submit={words.send}
      cancel={shared.value.button.cancel}
      onCancel={onCancel}
      send={send}
      onDone={onDone}
      aside={(fault) => <NeedsToken fault={fault} />}
    >
      {targetLabel !== undefined && (
        <Field id="target" label={targetLabel} lengthMax={targetCharsMax} />
      )}
      <Field
        id="command-comment"
        label={words.comment}
        required={false}
        lengthMax={commentCharsMax}
      />
    </Form>
  );
}
