import { Dialog } from "../../../gateway/panel/web/components/dialog.tsx";
import { Field, Form } from "../../../gateway/panel/web/components/form.tsx";
import { useCentral } from "./central.ts";

/** As long as central takes one. */
const tokenCharsMax = 512;

export function TokenDialog() {
  const { text, shared, access, asksToken, enterToken } = useCentral();
  const words = text.value.access;
  const decides = asksToken.value;
  const close = () => {
    if (!decides) access.value = "needed";
    asksToken.value = false;
  };
  return (
    <Dialog title={words.title} closeLabel={shared.value.button.close} onClose={close}>
      <p class="hint">{decides ? words.whyDecide : words.why}</p>
      <Form
        submit={decides ? words.use : words.show}
        cancel={shared.value.button.cancel}
        onCancel={close}
        send={({ token = "" }) => enterToken(token.trim())}
        onDone={() => {
          access.value = "open";
          asksToken.value = false;
        }}
      >
        <Field id="token" kind="password" label={words.token} lengthMax={tokenCharsMax} />
      </Form>
    </Dialog>
  );
}
