import { centralIdentityText } from "../../../../config/language/central-identity.ts";
import { Dialog } from "../../../../gateway/panel/web/components/dialog.tsx";
import { Field } from "../../../../gateway/panel/web/components/form.tsx";
import { useCentral } from "../central.ts";
import { CodeForm } from "./code-form.tsx";

/** As central takes them. */
const idCharsMax = 63;
const idPattern = /^[a-z0-9][a-z0-9._-]*$/i;
const nameCharsMax = 120;

/** A gateway that central does not know yet: a code for it, good once. */
export function AddDialog() {
  const { preference, shared, get, adds, step } = useCentral();
  const words = centralIdentityText[preference.language.value].enrol;
  const close = () => {
    adds.value = false;
    void step();
  };
  return (
    <Dialog title={words.addTitle} closeLabel={shared.value.button.close} onClose={close}>
      <p class="hint">{words.addAbout}</p>
      <CodeForm
        onClose={close}
        check={async (fields) => {
          const gateway = fields["gateway-id"]?.trim() ?? "";
          const name = fields["gateway-name"]?.trim() ?? "";
          const known = await get(`/v1/gateways/${encodeURIComponent(gateway)}`);
          if (known.ok) {
            const fault = { code: "page", message: words.known(gateway), todo: words.knownTodo };
            return { ok: false, status: 0, fault };
          }
          if (known.status !== 404) return known;
          if (!idPattern.test(gateway)) {
            const fault = { code: "page", message: words.idWrong, todo: words.idHint };
            return { ok: false, status: 0, fault };
          }
          return { gateway, ...(name === "" ? {} : { name }) };
        }}
      >
        <Field id="gateway-id" label={words.id} hint={words.idHint} lengthMax={idCharsMax} />
        <Field id="gateway-name" label={words.name} required={false} lengthMax={nameCharsMax} />
      </CodeForm>
    </Dialog>
  );
}
