import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Answer, Fault } from "../request.ts";
import { Button } from "./button.tsx";
import { FaultBox } from "./fault-box.tsx";

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind?: "text" | "password" | "long";
  readonly autocomplete?: string;
  readonly required?: boolean;
  readonly lengthMin?: number;
  readonly lengthMax: number;
  /** What stands in it at first. */
  readonly given?: string;
}

/** A labelled input. Its value is read from the form when that is sent. */
export function Field(props: FieldProps) {
  const { id, label, hint, kind = "text", autocomplete = "off", required = true } = props;
  const shared = {
    id,
    name: id,
    required,
    maxLength: props.lengthMax,
    ...(props.given !== undefined && { defaultValue: props.given }),
    ...(props.lengthMin !== undefined && { minLength: props.lengthMin }),
    ...(hint !== undefined && { "aria-describedby": `${id}-hint` }),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {kind === "long" && <textarea {...shared} rows={3} />}
      {kind === "password" && <input {...shared} type="password" autocomplete={autocomplete} />}
      {kind === "text" && (
        <input {...shared} type="text" autocomplete={autocomplete} autoCapitalize="none" />
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface FormProps {
  readonly submit: string;
  readonly cancel: string;
  readonly onCancel: () => void;
  readonly send: (fields: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly onDone: (body: unknown) => void;
  /** Stands under what went wrong. */
  readonly aside?: (fault: Fault) => ComponentChildren;
  readonly children: ComponentChildren;
}

/** Sends its fields, shows why that failed, and tells when it worked. */
export function Form({ submit, cancel, onCancel, send, onDone, aside, children }: FormProps) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const run = async (form: HTMLFormElement) => {
    setBusy(true);
    setFault(undefined);
    const answer = await send(fieldsOf(form));
    setBusy(false);
    if (answer.ok) onDone(answer.body);
    else setFault(answer.fault);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void run(event.currentTarget);
      }}
    >
      {children}
      <FaultBox fault={fault} />
      {fault !== undefined && aside?.(fault)}
      <div class="dialog-foot">
        <Button onPress={onCancel}>{cancel}</Button>
        <button type="submit" class="button primary" aria-disabled={busy}>
          {submit}
        </button>
      </div>
    </form>
  );
}

function fieldsOf(form: HTMLFormElement): Readonly<Record<string, string>> {
  const texts = [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  return Object.fromEntries(texts);
}
