import { centralIdentityText } from "../../../../config/language/central-identity.ts";
import { Dialog } from "../../../../gateway/panel/web/components/dialog.tsx";
import { Field, Form } from "../../../../gateway/panel/web/components/form.tsx";
import type { Answer } from "../../../../gateway/panel/web/request.ts";
import { useCentral } from "../central.ts";
import { NeedsToken } from "../down/needs-token.tsx";

const idCharsMax = 128;

/** What is ended: all, one certificate, or the token. */
export type Ended =
  | { readonly kind: "all" | "token" }
  | { readonly kind: "certificate"; readonly serial: string };

/** Ends what a gateway is let in by. Its id has to be typed, so that nobody shuts out another one. */
export function RevokeDialog(props: {
  readonly gateway: string;
  readonly ended: Ended;
  readonly onClose: (done: boolean) => void;
}) {
  const { preference, shared, decide } = useCentral();
  const words = centralIdentityText[preference.language.value].revoke;
  const { gateway, ended, onClose } = props;
  const send = async (fields: Readonly<Record<string, string>>): Promise<Answer> => {
    if (fields["revoked-id"]?.trim() !== gateway) {
      const fault = { code: "page", message: words.other, todo: words.type(gateway) };
      return { ok: false, status: 0, fault };
    }
    return decide(`/v1/gateways/${encodeURIComponent(gateway)}/revoke`, {
      ...(ended.kind === "certificate" && { serial: ended.serial }),
      ...(ended.kind === "token" && { tokenOnly: true }),
    });
  };
  return (
    <Dialog
      title={words.titles[ended.kind](gateway)}
      closeLabel={shared.value.button.close}
      onClose={() => onClose(false)}
    >
      <p>{words.why[ended.kind]}</p>
      {ended.kind === "certificate" && (
        <p class="row-detail">
          <code>{ended.serial}</code>
        </p>
      )}
      <Form
        submit={words.submit[ended.kind]}
        cancel={shared.value.button.cancel}
        onCancel={() => onClose(false)}
        send={send}
        onDone={() => onClose(true)}
        aside={(fault) => <NeedsToken fault={fault} />}
      >
        <Field id="revoked-id" label={words.type(gateway)} lengthMax={idCharsMax} />
      </Form>
    </Dialog>
  );
}
