import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { centralIdentityText } from "../../../../config/language/central-identity.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { Choice } from "../../../../gateway/panel/web/components/choice.tsx";
import { Form } from "../../../../gateway/panel/web/components/form.tsx";
import type { Answer } from "../../../../gateway/panel/web/request.ts";
import { useCentral } from "../central.ts";
import { NeedsToken } from "../down/needs-token.tsx";
import { type MadeCode, madeCodeOf } from "./answers.ts";

const hourMs = 3_600_000;
const validHours = ["1", "24", "168"] as const;

interface CodeFormProps {
  readonly onClose: () => void;
  /** Refuses with a reason, or says of which gateway, and its name where one was given. */
  readonly check: (
    fields: Readonly<Record<string, string>>,
  ) => Promise<Answer | { readonly gateway: string; readonly name?: string }>;
  readonly children?: ComponentChildren;
}

/** Makes a code for a gateway and shows it, this once. */
export function CodeForm({ onClose, check, children }: CodeFormProps) {
  const { preference, shared, decide } = useCentral();
  const words = centralIdentityText[preference.language.value].enrol;
  const [made, setMade] = useState<MadeCode | undefined>(undefined);
  const send = async (fields: Readonly<Record<string, string>>): Promise<Answer> => {
    const asked = await check(fields);
    if ("ok" in asked) return asked;
    const { gateway, name } = asked;
    return decide(`/v1/gateways/${encodeURIComponent(gateway)}/enrolment-codes`, {
      validMs: Number(fields["valid"]) * hourMs,
      ...(name === undefined ? {} : { name }),
    });
  };
  if (made !== undefined) return <Code made={made} onClose={onClose} />;
  return (
    <Form
      submit={words.make}
      cancel={shared.value.button.cancel}
      onCancel={onClose}
      send={send}
      onDone={(body) => setMade(madeCodeOf(body))}
      aside={(fault) => <NeedsToken fault={fault} />}
    >
      {children}
      <Choice
        id="valid"
        label={words.valid}
        chosen="24"
        options={validHours.map((hours) => [hours, words.hours[hours]])}
      />
    </Form>
  );
}

function Code({ made, onClose }: { readonly made: MadeCode; readonly onClose: () => void }) {
  const { preference, format, now } = useCentral();
  const words = centralIdentityText[preference.language.value].enrol;
  const until = format.value.time(made.expiresAt, now.value);
  return (
    <>
      <p role="status">{words.made}</p>
      <p class="code-shown">{made.code}</p>
      <p class="hint">{words.once(until)}</p>
      <p class="hint">{words.type}</p>
      <pre class="difference">{`rackwatch enroll ${made.code} --central ${location.origin}`}</pre>
      <div class="dialog-foot">
        <Button kind="primary" onPress={onClose}>
          {words.done}
        </Button>
      </div>
    </>
  );
}
