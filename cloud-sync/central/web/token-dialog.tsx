import { Dialog } from "../../../gateway/panel/web/components/dialog.tsx";
import { Field, Form } from "../../../gateway/panel/web/components/form.tsx";
import { useCentral } from "./central.ts";

/** As long as central takes one. */
const tokenCharsMax = 512;

export function TokenDialog() {
  const { text, shared, access, enterToken } = useCentral();
  const words = text.value.access;
  const close = () => {
    access.value = "needed";
  };
  return (
    <Dialog title={words.title} closeLabel={shared.value.button.close} onClose={close}>
      <p class="hint">{words.why}</p>
      <Form
        submit={words.show}
        cancel={shared.value.button.cancel}
        onCancel={close}
        send={({ token = "" }) => enterToken(token.trim())}
        onDone={() => {
          access.value = "open";
        }}
      >
        <Field id="token" kind="password" label={words.token} lengthMax={tokenCharsMax} />
      </Form>
    </Dialog>
  );
}
