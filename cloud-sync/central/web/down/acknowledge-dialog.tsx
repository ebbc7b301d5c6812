import { centralCommandsText } from "../../../../config/language/central-commands.ts";
import { Dialog } from "../../../../gateway/panel/web/components/dialog.tsx";
import { useCentral } from "../central.ts";
import { CommandForm } from "./command-form.tsx";

/** An alarm of a gateway acknowledged from central, by a command. */
export function AcknowledgeDialog() {
  const { askedAlarm, preference, shared, step } = useCentral();
  const words = centralCommandsText[preference.language.value].acknowledge;
  const alarm = askedAlarm.value;
  const close = () => {
    askedAlarm.value = undefined;
  };
  if (alarm === undefined) return null;
  return (
    <Dialog title={words.title} closeLabel={shared.value.button.close} onClose={close}>
      <p class="row-title">{alarm.message}</p>
      <p class="hint">{words.why}</p>
      <CommandForm
        gateway={alarm.gateway}
        action="acknowledge"
        target={alarm.rule}
        onCancel={close}
        onDone={() => {
          close();
          location.hash = `#gateway/${encodeURIComponent(alarm.gateway)}/commands`;
          void step();
        }}
      />
    </Dialog>
  );
}
