interface SelectProps<Value extends string> {
  readonly id: string;
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onValue: (value: Value) => void;
}

/** One of many. */
export function Select<const Value extends string>(props: SelectProps<Value>) {
  const { id, label, value, options, onValue } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        name={id}
        value={value}
        onChange={({ currentTarget }) => {
          const chosen = options.find(([it]) => it === currentTarget.value);
          if (chosen !== undefined) onValue(chosen[0]);
        }}
      >
        {options.map(([it, word]) => (
          <option key={it} value={it}>
            {word}
          </option>
        ))}
      </select>
    </div>
  );
}

/** One of a few, each as large as a button. */
export function Pick<const Value extends string>(props: SelectProps<Value>) {
  const { id, label, value, options, onValue } = props;
  return (
    <fieldset class="field choice">
      <legend>{label}</legend>
      {options.map(([it, word]) => (
        <label key={it} class="choice-option">
          <input
            type="radio"
            name={id}
            value={it}
            checked={it === value}
            onChange={() => onValue(it)}
          />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface TextProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind?: "text" | "date";
  readonly lengthMax: number;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** A field whose text is looked at while it is typed. */
export function TextField(props: TextProps) {
  const { id, label, hint, kind = "text", lengthMax, value, onValue } = props;
  const shared = {
    id,
    name: id,
    maxLength: lengthMax,
    autocomplete: "off",
    value,
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
      onValue(currentTarget.value),
    ...(hint !== undefined && { "aria-describedby": `${id}-hint` }),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {kind === "text" ? <input type="text" {...shared} /> : <input type="date" {...shared} />}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
